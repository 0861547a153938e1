//! What a span may have at most.

/// How many of each, as `OTEL_SPAN_*_COUNT_LIMIT` say; 128 is the specification's default.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpanLimits {
    pub(crate) attributes: u32,
    pub(crate) events: u32,
    pub(crate) links: u32,
}

impl Default for SpanLimits {
    fn default() -> Self {
        Self { attributes: 128, events: 128, links: 128 }
    }
}

/// Cuts a list off; the number of what is missing then.
pub(in crate::telemetry) fn cut<T>(list: &mut Vec<T>, most: u32) -> u32 {
    let over = list.len().saturating_sub(most as usize);
    list.truncate(most as usize);
    u32::try_from(over).unwrap_or(u32::MAX)
}
