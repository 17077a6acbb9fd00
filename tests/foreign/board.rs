//! The board in a terminal, against the stranger's server.

use crate::pty::Pty;
use crate::site::{Site, telepo};

mod asking;
mod ending;
mod outage;
mod streaming;

/// Counters only by stream: the polls are an hour apart.
fn quiet() -> Site {
    Site::with(|port| telepo(port).replace("\"1s\"", "\"1h\""))
}

/// A board with its first figures.
fn open(site: &Site, args: &[&str]) -> Pty {
    let mut pty = Pty::open(site, args, 160, 40);
    pty.sees("Taxi");
    pty
}

/// The board's agents, only those that fit.
fn agents(pty: &mut Pty, wanted: &str) {
    pty.press("2");
    pty.sees("Jane Doe");
    pty.filter(wanted);
    pty.until("the filter", |pty| pty.line(wanted).is_some() && !pty.text().contains("Ann Far"));
    pty.type_keys("g");
}

#[test]
fn a_filter_leaves_only_the_rows_that_fit() {
    let site = Site::new();
    let mut pty = open(&site, &[]);
    pty.sees("Reception");
    pty.sees("Sales");
    pty.open_filter("harb");
    // A frame may be read in two pieces.
    let left = |pty: &Pty, rows: &[&str]| {
        rows.iter().all(|row| pty.line(row).is_some()) && !pty.text().contains("Reception")
    };
    pty.until("the filter", |pty| left(pty, &["Harbour"]));
    pty.press("\x1b");
    pty.sees("Reception");
    pty.filter("!harb");
    pty.loses("Harbour");
    pty.filter("re:^(Sal|Lon)");
    pty.until("the pattern", |pty| left(pty, &["Sales", "Lone"]));
    assert_eq!(site.server.actions().len(), 0);
}

#[test]
fn every_table_that_is_built_has_its_rows() {
    let site = Site::new();
    let mut pty = open(&site, &[]);
    for (key, row) in
        [("2", "Olga Berg"), ("6", "Winter"), ("7", "e-5"), ("8", "north"), ("1", "Lone")]
    {
        pty.press(key);
        let row = if key == "7" { "bob@contoso" } else { row };
        pty.sees(row);
    }
    pty.press("q");
    assert_eq!(pty.ends_within(crate::pty::SECOND * 5), 0);
}

#[test]
fn the_right_figures_stand_on_the_board() {
    let site = Site::new();
    let mut pty = open(&site, &[]);
    pty.until("live figures", |pty| {
        let words = |name: &str| -> Vec<String> {
            let line = pty.line(name).unwrap_or_default();
            line.split_whitespace().map(str::to_owned).collect()
        };
        let (taxi, quiet) = (words("Taxi"), words("Quiet"));
        taxi.contains(&"3".to_owned())
            && taxi.contains(&"5".to_owned())
            && quiet.contains(&"–".to_owned())
    });
}
