//! Who it is that tells: the resource of every metric and span.

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::{ResourceDetector as _, TelemetryResourceDetector};

use super::variables::{Variables, percent_decoded};

/// What the standard variables say of the resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    /// `OTEL_SERVICE_NAME`; it comes before `service.name` of the attributes (OpenTelemetry, Environment Variables).
    name: Option<String>,
    /// `OTEL_RESOURCE_ATTRIBUTES`, percent-decoded.
    attributes: Vec<(String, String)>,
}

impl Identity {
    /// Reads the variables. Attributes of which one cannot be read are ignored together (OpenTelemetry, Resource SDK,
    /// Specifying resource information via an environment variable).
    pub(super) fn read(variables: &mut Variables<'_>) -> Self {
        let name = variables.text("OTEL_SERVICE_NAME").map(str::to_owned);
        let allowed = "key=value pairs with commas between them, percent-encoded";
        let attributes = variables.read("OTEL_RESOURCE_ATTRIBUTES", allowed, |text| {
            let pairs = text.split(',').filter(|pair| !pair.trim().is_empty());
            pairs.map(attribute).collect::<Option<Vec<_>>>()
        });
        Self { name, attributes: attributes.unwrap_or_default() }
    }
}

fn attribute(pair: &str) -> Option<(String, String)> {
    let (key, value) = pair.split_once('=')?;
    let decoded = |text: &str| percent_decoded(text.trim()).and_then(|bytes| String::from_utf8(bytes).ok());
    Some((decoded(key).filter(|key| !key.is_empty())?, decoded(value)?))
}

/// The server by name and version, unless the variables say it better.
pub(super) fn resource(name: &str, version: &str, replica: &str, identity: &Identity) -> Resource {
    let own = [
        KeyValue::new("service.name", name.to_owned()),
        KeyValue::new("service.version", version.to_owned()),
        KeyValue::new("service.instance.id", replica.to_owned()),
    ];
    let sdk = TelemetryResourceDetector.detect();
    let sdk = sdk.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    let given = identity.attributes.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    let named = identity.name.iter().map(|name| KeyValue::new("service.name", name.clone()));
    // Of attributes with one key the last one stands.
    Resource::builder_empty().with_attributes(own.into_iter().chain(sdk).chain(given).chain(named)).build()
}

#[cfg(test)]
mod tests {
    use opentelemetry::Key;

    use super::*;

    fn read(given: &[(&str, &str)]) -> (Resource, usize) {
        let given: Vec<_> = given.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        let mut variables = Variables::new(&given);
        let identity = Identity::read(&mut variables);
        (resource("shop", "1.0.0", "r1", &identity), variables.wrong.len())
    }

    fn of(resource: &Resource, key: &'static str) -> String {
        resource.get(&Key::new(key)).map(|value| value.to_string()).unwrap_or_default()
    }

    #[test]
    fn the_name_of_the_service_comes_before_the_attribute_and_values_are_decoded() {
        let attributes = ("OTEL_RESOURCE_ATTRIBUTES", "service.name=attribute, team=a%2Cb%20c%3D1,empty=,");
        let (both, wrong) = read(&[attributes, ("OTEL_SERVICE_NAME", "named")]);
        assert_eq!(
            (of(&both, "service.name"), of(&both, "team"), wrong),
            ("named".to_owned(), "a,b c=1".to_owned(), 0)
        );
        assert_eq!(of(&read(&[attributes]).0, "service.name"), "attribute");
        let (own, _) = read(&[]);
        assert_eq!((of(&own, "service.name"), of(&own, "service.instance.id")), ("shop".to_owned(), "r1".to_owned()));
        assert!(!of(&own, "telemetry.sdk.name").is_empty());
    }

    #[test]
    fn attributes_that_cannot_be_read_are_ignored_together() {
        for text in ["team=a,nonsense", "team=a,=b", "team=%zz", "team=%ff%fe", "team=a%2"] {
            let (resource, wrong) = read(&[("OTEL_RESOURCE_ATTRIBUTES", text)]);
            assert_eq!((of(&resource, "team"), wrong), (String::new(), 1), "{text}");
        }
    }
}
