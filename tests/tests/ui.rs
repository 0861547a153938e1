//! What the macros accept, and what they say of what they do not: one mistake a file.

#[path = "ui/pass/blocks.rs"]
mod blocks;
#[path = "ui/pass/functions.rs"]
mod functions;

// Built with this package, so that what the macros write is held against the lints of the workspace too.
#[test]
fn accepted() {
    blocks::main();
    functions::main();
}

#[test]
fn refused() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/**/*.rs");
}
