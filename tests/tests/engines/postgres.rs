//! What is true of the engine on PostgreSQL alone.
