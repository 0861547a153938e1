//! The plan: which runs of the suite there are, and which of its scenarios are not served yet, with the reason.

use clap::ValueEnum;

/// One run of the suite: a frozen requirement set, or everything that runs at a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Run {
    /// What revision 2025-11-25 requires, frozen at its release.
    #[value(name = "requirements-2025-11-25")]
    Requirements20251125,
    /// What revision 2026-07-28 requires, frozen at its release.
    #[value(name = "requirements-2026-07-28")]
    Requirements20260728,
    /// Every scenario that runs at revision 2025-06-18.
    #[value(name = "2025-06-18")]
    All20250618,
    /// Every scenario that runs at revision 2025-11-25.
    #[value(name = "2025-11-25")]
    All20251125,
    /// Every scenario that runs at revision 2026-07-28.
    #[value(name = "2026-07-28")]
    All20260728,
}

impl Run {
    /// Every run, the requirement sets first.
    pub(crate) const ALL: [Self; 5] = [
        Self::Requirements20251125,
        Self::Requirements20260728,
        Self::All20250618,
        Self::All20251125,
        Self::All20260728,
    ];

    /// The name of the run, also of its folder of results.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Requirements20251125 => "requirements-2025-11-25",
            Self::Requirements20260728 => "requirements-2026-07-28",
            Self::All20250618 => "2025-06-18",
            Self::All20251125 => "2025-11-25",
            Self::All20260728 => "2026-07-28",
        }
    }

    /// How the suite's `list` is asked for the scenarios of this run.
    pub(crate) fn listing(self) -> [&'static str; 2] {
        match self.name().strip_prefix("requirements-") {
            Some(revision) => ["--requirements", revision],
            None => ["--spec-version", self.name()],
        }
    }

    /// How the suite is asked to run them. Without `--suite all` it would leave out the pending ones.
    pub(crate) fn arguments(self) -> Vec<&'static str> {
        let mut arguments = self.listing().to_vec();
        if arguments[0] == "--spec-version" {
            arguments.extend(["--suite", "all"]);
        }
        arguments
    }
}

const NOTIFICATIONS: &str = "the suite skips it until it listens on the stream that the extension sends them on";
const SKILLS: &str = "the skills extension is optional, in no requirement set, and not declared";

const UNASKED: &str = "it answers a question that nobody asked, without a `requestState`; such an answer is not taken, or a \
                       client could confirm what its user never saw";

/// Scenarios of extensions that the server does not declare, that the suite itself skips, or that ask for what the server
/// refuses on purpose. One that passes must leave this list.
pub(crate) const NOT_YET_SERVED: [(&str, &str); 5] = [
    ("input-required-result-ignore-extra-params", UNASKED),
    ("tasks-status-notifications", NOTIFICATIONS),
    ("sep-2640-skills-directory", SKILLS),
    ("sep-2640-skills-enumeration", SKILLS),
    ("sep-2640-skills-manifest", SKILLS),
];

/// Why a scenario is not served yet, if it is not.
pub(crate) fn not_yet_served(scenario: &str) -> Option<&'static str> {
    NOT_YET_SERVED.iter().find(|(name, _)| *name == scenario).map(|(_, reason)| *reason)
}
