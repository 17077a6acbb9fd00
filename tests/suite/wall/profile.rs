//! `[wall.NAME]` of the config file.

use std::time::Duration;

use floorwalker::config::Config;
use floorwalker::table::TableId;
use floorwalker::wall::Profile;

#[test]
fn a_wall_of_the_config_file_is_read_whole() {
    let source = "[[source]]\nname = \"n\"\nkind = \"nimbus\"\ncluster = \"ch_01\"\ntoken = { env = \"T\" }\n";
    let parse = |wall: &str| Config::parse(&format!("{source}{wall}"), true);
    let config = parse(
        "[wall.sales]\nqueues = [\"sales*\"]\npages = [\"queues\", \"agents\"]\nrotate = \"20s\"\n",
    );
    let config = config.unwrap();
    assert_eq!(config.later, [""; 0], "a wall is built");
    let sales = config.wall(Some("sales")).unwrap();
    assert_eq!(sales.pages, [TableId::Queues, TableId::Agents]);
    assert_eq!(sales.rotate, Duration::from_secs(20));
    assert!(sales.has("Sales north", "7") && !sales.has("Support", "8"));
    assert_eq!(config.wall(None).unwrap(), Profile::default());
    let why = config.wall(Some("sale")).unwrap_err();
    assert!(why.contains("did you mean \"sales\""), "{why}");
    let shown = floorwalker::config::sample::show(&config);
    assert_eq!(parse("").unwrap().walls.len(), 0);
    assert!(shown.contains("[wall.\"sales\"]") && shown.contains("rotate = \"20s\""), "{shown}");

    let wrong = parse("[wall.sales]\npages = [\"queue\"]\n").unwrap_err();
    assert_eq!(wrong[0].line, Some(7));
    assert!(wrong[0].what.contains("did you mean \"queues\""), "{}", wrong[0].what);
    let wrong = parse("[wall.sales]\nrotat = \"1s\"\n").unwrap_err();
    assert!(wrong[0].what.contains("rotate"), "{}", wrong[0].what);
    assert!(parse("[wall.sales]\nrotate = \"0s\"\n").is_err());
}
