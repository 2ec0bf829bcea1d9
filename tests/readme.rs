//! The overlay that the README shows is the golden one.
//!
//! Its commands are run by `tests/book`; this block stands for a file that is too long to show.

#![allow(
    clippy::disallowed_methods,
    reason = "a test reads the page that it checks"
)]

#[test]
fn the_overlay_in_the_readme_is_the_golden_one() {
    let text = std::fs::read_to_string("README.md").unwrap();
    let golden =
        std::fs::read_to_string("golden/aws-alb/bookstore/overlay/kustomization.yaml").unwrap();
    let block = text.split("```yaml\n- patch: |").nth(1).unwrap();
    for line in block
        .split("\n```")
        .next()
        .unwrap()
        .lines()
        .filter(|l| !l.is_empty())
    {
        assert!(golden.lines().any(|g| g == line), "{line}");
    }
}
