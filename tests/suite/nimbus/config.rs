//! How a Nimbus source says who it is, and what its config file may not say.

use floorwalker::config::{Config, sample};

const SOURCE: &str = r#"[[source]]
name = "nimbus"
kind = "nimbus"
cluster = "ch_01"
"#;

const ENTRA: &str = r#"[source.entra]
tenant = "contoso.com"
client_id = "c1"
scope = "s1 s2"
"#;

/// The first complaint, with its line.
fn complaint(text: &str) -> (usize, String) {
    let complaints = Config::parse(text, true).unwrap_err();
    let first = complaints.first().unwrap();
    (first.line.unwrap(), first.what.to_string())
}

fn with(line: &str) -> String {
    format!("{SOURCE}{ENTRA}{line}\n")
}

#[test]
fn a_source_to_which_people_sign_in_is_shown_without_a_secret() {
    let shown = sample::show(&Config::parse(&with(""), true).unwrap());
    assert!(shown.contains("# token: from the sign-in\n"), "{shown}");
    let entra = r#"entra = { "authority" = "https://login.microsoftonline.com", "tenant" = "contoso.com", "client_id" = "c1", "scope" = "s1 s2" }"#;
    assert!(shown.contains(entra), "{shown}");
    assert!(Config::parse(&shown, true).is_ok(), "{shown}");
}

#[test]
fn a_token_and_a_sign_in_exclude_each_other_and_one_is_needed() {
    let (line, what) = complaint(&format!("{SOURCE}token = \"t\"\n{ENTRA}"));
    assert_eq!(line, 5, "{what}");
    assert!(what.contains("exclude each other"), "{what}");
    let (line, what) = complaint(SOURCE);
    assert_eq!(line, 1, "{what}");
    assert!(what.contains("token") && what.contains("[source.entra]"), "{what}");
}

#[test]
fn a_sign_in_needs_a_tenant_a_client_and_a_scope() {
    for key in ["tenant", "client_id", "scope"] {
        let lines: Vec<&str> = ENTRA.lines().filter(|line| !line.starts_with(key)).collect();
        let (line, what) = complaint(&format!("{SOURCE}{}", lines.join("\n")));
        assert_eq!((line, what.as_str()), (5, format!("[source.entra] needs {key}").as_str()));
    }
}

#[test]
fn an_authority_in_the_clear_is_one_of_this_machine_whatever_the_source_may_do() {
    let insecure = SOURCE.replace("kind", "insecure_http = true\nkind");
    let authority = |url: &str| format!("{insecure}{ENTRA}authority = \"{url}\"\n");
    let (line, what) = complaint(&authority("http://login.example.com"));
    assert_eq!(line, 10, "{what}");
    assert!(what.contains("plain http"), "{what}");
    assert!(Config::parse(&authority("http://127.0.0.1:8080/entra/"), true).is_ok());
    assert!(Config::parse(&authority("https://login.example.com"), true).is_ok());
}

#[test]
fn a_tenant_is_no_path() {
    let (line, what) = complaint(&with("").replace("contoso.com", "contoso.com/../common"));
    assert_eq!(line, 6, "{what}");
    assert!(what.starts_with("tenant: write its id"), "{what}");
}

#[test]
fn a_key_that_is_misspelt_is_named() {
    let (line, what) = complaint(&with("").replace("client_id", "client-id"));
    assert_eq!(line, 7, "{what}");
    assert!(what.contains("client_id"), "{what}");
}

#[test]
fn only_nimbus_has_a_sign_in_of_this_kind() {
    let text =
        with("").replace("\"nimbus\"\ncluster = \"ch_01\"", "\"relay\"\nurl = \"https://r\"");
    let (line, what) = complaint(&text.replace("url", "token = { env = \"T\" }\nurl"));
    assert_eq!(line, 6, "{what}");
    assert_eq!(what, "entra does not belong to a source of kind \"relay\"");
}
