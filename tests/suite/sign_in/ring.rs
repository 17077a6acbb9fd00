//! Sign-ins in a keyring that answers, and in the file where none does.

use std::process::{Command, Output};

use crate::support::outside::program;
use crate::support::tenant::Tenant;

/// Runs a script beside a keyring of its own, unlocked; `None` where there is none on this machine.
fn beside_a_keyring(tenant: &Tenant, test: &str, script: &str) -> Option<Output> {
    let bus = program("dbus-run-session", test)?;
    let ring = program("gnome-keyring-daemon", test)?;
    let program = tenant.command("");
    let script = format!(
        "printf x | {} --unlock --components=secrets >/dev/null 2>&1; fw() {{ {} --config config.toml \"$@\"; }}; {script}",
        ring.display(),
        program.get_program().display(),
    );
    let mut command = Command::new(bus);
    command.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("PATH", "/usr/bin:/bin").current_dir(tenant.path(""));
    // The bus and the keyring of a test are its own, wherever they are.
    command.args(["--", "sh", "-c", &script]);
    Some(command.output().unwrap())
}

#[test]
fn a_sign_in_is_kept_in_the_keyring_and_used_from_there() {
    let tenant = Tenant::of("common-quick");
    let script = "fw auth sign-in nimbus && fw auth show nimbus && fw status entries && fw auth sign-out nimbus && fw auth show nimbus";
    let Some(output) = beside_a_keyring(&tenant, "sign_in::ring", script) else { return };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(said.contains("renewed by itself\nkept in the keyring"), "{said}");
    assert!(said.contains("scheduled"), "{said}");
    assert!(said.trim_end().ends_with("run floorwalker auth sign-in nimbus"), "{said}");
    assert!(!tenant.path("state/floorwalker/sign_ins.json").exists(), "nothing is in the file");
}

#[test]
fn a_token_can_stand_in_the_keyring() {
    let tenant = Tenant::of("common");
    let config = tenant.simulator.config();
    let (_, nimbus) = config.rsplit_once("[[source]]").unwrap();
    let nimbus = nimbus.replace("\"sim-token\"", "{ keyring = \"nimbus token\" }");
    tenant.write_config(&format!("[[source]]{nimbus}"));
    let script = "fw status sources; fw config check";
    let Some(output) = beside_a_keyring(&tenant, "sign_in::ring", script) else { return };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("the keyring has no entry nimbus token"), "{output:?}");
    assert!(output.status.success(), "{output:?}");
}
