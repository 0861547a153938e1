//! Who it is that tells: the resource of every metric and span.

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;

/// The server by name and version; `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say it better.
pub(super) fn resource(name: &str, version: &str, replica: &str) -> Resource {
    let own = [
        KeyValue::new("service.name", name.to_owned()),
        KeyValue::new("service.version", version.to_owned()),
        KeyValue::new("service.instance.id", replica.to_owned()),
    ];
    let detected = Resource::builder().build();
    let mut builder = Resource::builder_empty().with_attributes(own);
    for (key, value) in &detected {
        // What the SDK says where nobody named the service.
        let unnamed = key.as_str() == "service.name" && value.as_str().starts_with("unknown_service");
        if !unnamed {
            builder = builder.with_attribute(KeyValue::new(key.clone(), value.clone()));
        }
    }
    builder.build()
}
