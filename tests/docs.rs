//! The README's generated parts are those that the declarations make.
//!
//! `UPDATE=1 cargo test --test docs` writes them anew.

use std::fs;
use std::path::Path;

use floorwalker::docs;

fn readme() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

#[test]
fn the_generated_parts_of_the_readme_are_fresh() {
    let text = fs::read_to_string(readme()).unwrap();
    let fresh = docs::refreshed(&text);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(readme(), &fresh).unwrap();
    }
    let stale = text != fresh && std::env::var_os("UPDATE").is_none();
    assert!(!stale, "README.md is stale: run UPDATE=1 cargo test --test docs");
}

#[test]
fn the_readme_has_a_place_for_every_generated_part() {
    let text = fs::read_to_string(readme()).unwrap();
    for (name, _) in docs::parts() {
        assert!(text.contains(&format!("<!-- {name} -->")), "no <!-- {name} -->");
        assert!(text.contains(&format!("<!-- /{name} -->")), "no <!-- /{name} -->");
    }
}

#[test]
fn every_picture_and_file_that_the_readme_names_is_there() {
    let text = fs::read_to_string(readme()).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        if !link.contains("://") && !link.starts_with('#') {
            assert!(root.join(link).exists(), "README.md names {link}, which is not there");
        }
    }
}
