//! Baselines that replicas share.
