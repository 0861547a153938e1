//! Reading variables of the environment: what is blank counts as unset, and what cannot be is ignored and told.

/// A variable that says what cannot be, and is ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// Its name.
    pub(crate) variable: String,
    /// What is wrong with it.
    pub(crate) problem: String,
    /// What would be right.
    pub(crate) allowed: Option<String>,
    /// What to do.
    pub(crate) remedy: Option<String>,
}

/// Which way out of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Spans.
    Traces,
    /// Values of instruments.
    Metrics,
}

impl Signal {
    /// The word for logs and attributes.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
        }
    }
}

/// Something that is said for all signals, for one, or for each.
#[derive(Clone, Debug)]
pub(super) struct Each<T> {
    pub(super) all: Option<T>,
    pub(super) traces: Option<T>,
    pub(super) metrics: Option<T>,
}

impl<T: Clone> Each<T> {
    /// What holds for one signal.
    pub(super) fn of(&self, signal: Signal) -> Option<T> {
        let own = match signal {
            Signal::Traces => &self.traces,
            Signal::Metrics => &self.metrics,
        };
        own.clone().or_else(|| self.all.clone())
    }
}

/// The variables, and what was wrong with those that were read.
#[derive(Debug)]
pub(super) struct Variables<'a> {
    given: &'a [(String, String)],
    pub(super) wrong: Vec<Wrong>,
}

impl<'a> Variables<'a> {
    pub(super) fn new(given: &'a [(String, String)]) -> Self {
        Self { given, wrong: Vec::new() }
    }

    /// The text of a variable; `None` if it is blank.
    pub(super) fn text(&mut self, name: &str) -> Option<&'a str> {
        let text = self.given.iter().find(|(given, _)| given == name).map(|(_, text)| text.trim())?;
        if text.contains(char::REPLACEMENT_CHARACTER) {
            self.tell(name, "the variable is not Unicode", None);
            return None;
        }
        (!text.is_empty()).then_some(text)
    }

    /// A variable whose text means something.
    pub(super) fn read<T>(&mut self, name: &str, allowed: &str, meaning: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(name)?;
        let read = meaning(text);
        if read.is_none() {
            self.tell(name, &format!("`{}` is not understood", shortened(text)), Some(allowed));
        }
        read
    }

    /// A whole number within bounds.
    pub(super) fn number(&mut self, name: &str, least: u64, most: u64) -> Option<u64> {
        let allowed = format!("a whole number from {least} to {most}");
        self.read(name, &allowed, |text| text.parse().ok().filter(|number| (least..=most).contains(number)))
    }

    /// What the variables of the OTLP exporter say: one for all signals and one for each.
    pub(super) fn each<T>(&mut self, name: &str, allowed: &str, meaning: impl Fn(&str) -> Option<T>) -> Each<T> {
        let mut read = |infix: &str| self.read(&format!("OTEL_EXPORTER_OTLP_{infix}{name}"), allowed, &meaning);
        Each { all: read(""), traces: read("TRACES_"), metrics: read("METRICS_") }
    }

    /// Notes what is wrong.
    pub(super) fn tell(&mut self, name: &str, problem: &str, allowed: Option<&str>) {
        self.wrong.push(Wrong {
            variable: name.to_owned(),
            problem: problem.to_owned(),
            allowed: allowed.map(str::to_owned),
            remedy: None,
        });
    }

    /// Notes what is wrong, and what to do about it.
    pub(super) fn advise(&mut self, name: &str, problem: &str, remedy: &str) {
        self.tell(name, problem, None);
        if let Some(wrong) = self.wrong.last_mut() {
            wrong.remedy = Some(remedy.to_owned());
        }
    }
}

/// As much of a text as helps to find it.
fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    if text.chars().count() <= MOST { text.to_owned() } else { text.chars().take(MOST).chain(['…']).collect() }
}

/// `true` or `false`, as the specification has them: only `true`, in any case, is true (OpenTelemetry, Environment
/// Variables, Boolean).
pub(super) fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A time-out in milliseconds. 0 means no limit (OpenTelemetry, Environment Variables, Timeout); then the longest one
/// holds, for nothing here waits for ever.
pub(super) fn timeout(text: &str) -> Option<u64> {
    const LONGEST: u64 = 600_000;
    let number: u64 = text.parse().ok()?;
    Some(if number == 0 { LONGEST } else { number.min(LONGEST) })
}

/// Text in which `%41` stands for `A` (RFC 3986 section 2.1); `None` if a `%` is followed by anything else.
pub(super) fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            decoded.push(*first);
            continue;
        }
        let (hex, after) = after.split_at_checked(2)?;
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let [high, low] = hex else { return None };
        decoded.push(digit(*high)? << 4 | digit(*low)?);
        rest = after;
    }
    Some(decoded)
}
