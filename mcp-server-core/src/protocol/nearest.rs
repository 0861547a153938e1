//! Placeholder.
pub(crate) fn nearest<'a>(_name: &str, _among: impl Iterator<Item = &'a str>) -> Option<&'a str> { None }
