//! Our server beside its peers.
pub(crate) fn run(_args: &[String]) -> anyhow::Result<()> {
    anyhow::bail!("the bench is not built yet")
}
