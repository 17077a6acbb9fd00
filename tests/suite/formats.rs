//! The reports as scripts, spreadsheets, wikis and Prometheus read them, and pictures of the screen.

use floorwalker::event::{Event, SourceEvent, Stamped};
use floorwalker::floor::Part;
use floorwalker::floor::id::SourceName;
use floorwalker::floor::queue::{Figures, Queue};
use floorwalker::report::{csv, json, markdown, openmetrics, text};
use floorwalker::state::State;
use floorwalker::table::cell::Figure;
use floorwalker::table::{Context, RowId, TableId, View, Zone};
use floorwalker::text::Shown;
use serde_json::Value;

use self::exposition::Exposition;
use crate::support::centre;

mod exposition;
mod picture;

/// A number of a person that the afternoon's entries call, as it is told and as it is masked.
const NUMBER: (&str, &str) = ("+46 8 465 004 88", "+468…88");

fn reported() -> impl Iterator<Item = TableId> {
    TableId::ALL.into_iter().filter(|table| table.is_reported())
}

/// What reports are made from.
fn context(state: &State, mask: bool) -> Context<'_> {
    Context { live: false, mask, zone: Zone::Utc, ..state.context() }
}

const fn every(_: &RowId) -> bool {
    true
}

fn csv_of(state: &State, table: TableId, mask: bool) -> String {
    csv::csv(&context(state, mask), table, every).unwrap()
}

/// The records of a CSV report, its header first.
fn records(report: &str) -> Vec<Vec<String>> {
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(report.as_bytes());
    let own = |record: ::csv::StringRecord| record.iter().map(ToOwned::to_owned).collect();
    reader.records().map(|record| own(record.unwrap())).collect()
}

fn metrics_of(state: &State) -> (String, Exposition) {
    let report = openmetrics::openmetrics(
        &context(state, true),
        openmetrics::Series::every(&TableId::ALL),
        every,
    )
    .unwrap();
    let parsed = exposition::parse(&report);
    (report, parsed)
}

fn markdown_of(state: &State, table: TableId, mask: bool) -> String {
    markdown::markdown(&context(state, mask), table, false, every)
}

/// The cells of a Markdown table, as its reader sees them; the rule under the header is left out.
fn cells(report: &str) -> Vec<Vec<String>> {
    let line = |line: &str| {
        let inner = line.strip_prefix('|').unwrap().strip_suffix('|').unwrap();
        let mut cells = vec![String::new()];
        let mut chars = inner.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => cells.last_mut().unwrap().extend(chars.next()),
                '|' => cells.push(String::new()),
                c => cells.last_mut().unwrap().push(c),
            }
        }
        cells.iter().map(|cell| cell.trim().to_owned()).collect()
    };
    report.lines().enumerate().filter(|(n, _)| *n != 1).map(|(_, text)| line(text)).collect()
}

/// The afternoon, with the queues of hq replaced by copies of one that `change` makes different.
fn with_queues<const N: usize>(change: [&dyn Fn(&mut Queue); N]) -> State {
    let mut state = centre::busy();
    let first = state.floor.queue(&"hq".into(), &"21".into()).unwrap().clone();
    let copies = change.into_iter().enumerate().map(|(number, change)| {
        let mut queue = first.clone();
        queue.id = format!("c{number}").as_str().into();
        change(&mut queue);
        queue
    });
    let event = SourceEvent::Snapshot(Part::Queues(copies.collect()));
    let at = state.now.moment;
    state.apply(Stamped { at, event: Event::Source { source: SourceName::new("hq"), event } });
    state
}

#[test]
fn csv_says_what_json_says_in_every_cell() {
    let state = centre::contacts();
    let whole = json::json(&context(&state, true), &TableId::ALL);
    for table in reported() {
        let records = records(&csv_of(&state, table, true));
        let (header, rows) = records.split_first().unwrap();
        let names: Vec<&str> = table.columns().iter().map(|head| head.name).collect();
        assert_eq!(header, &names, "the header of {} is its columns", table.name());
        let objects = whole[table.name()].as_array().unwrap();
        assert_eq!(rows.len(), objects.len());
        assert!(!rows.is_empty(), "{} has rows", table.name());
        for (row, object) in rows.iter().zip(objects) {
            assert_eq!(object.as_object().unwrap().len(), header.len());
            for (name, field) in header.iter().zip(row) {
                let meant = match &object[name] {
                    Value::Null => String::new(),
                    Value::String(text) if text.starts_with('+') => format!("'{text}"),
                    Value::String(text) => text.clone(),
                    other => serde_json::to_string(other).unwrap(),
                };
                assert_eq!(*field, meant, "{name} of {object}");
            }
        }
    }
}

#[test]
fn csv_lines_end_as_the_standard_wants() {
    let report = csv_of(&centre::busy(), TableId::CallbackLists, true);
    assert!(report.ends_with("\r\n"));
    assert_eq!(report.matches('\n').count(), report.matches("\r\n").count());
    assert!(report.contains(r#""Laskutus, soittopyynnöt""#), "{report}");
}

#[test]
fn rows_of_a_spreadsheet_stand_by_source_and_id_and_those_for_people_as_on_the_board() {
    let rows = records(&csv_of(&centre::busy(), TableId::Queues, true));
    let place = |name: &str| rows[0].iter().position(|own| own == name).unwrap();
    let (source, id) = (place("source"), place("id"));
    let keys: Vec<(&str, &str)> =
        rows[1..].iter().map(|row| (row[source].as_str(), row[id].as_str())).collect();
    assert!(keys.is_sorted(), "{keys:?}");
    assert_eq!(keys[0], ("helsinki", "4101"));
    assert_eq!(keys.len(), 12);
    let names = |rows: Vec<Vec<String>>| -> Vec<String> {
        let queue = rows[0].iter().position(|own| own.eq_ignore_ascii_case("queue")).unwrap();
        rows[1..].iter().map(|row| row[queue].clone()).collect()
    };
    let marked = names(cells(&markdown_of(&centre::busy(), TableId::Queues, true)));
    let state = centre::busy();
    let order = TableId::Queues.order(&context(&state, true), &View::default());
    let board = order.iter().map(|id| {
        let RowId::Queue(source, id) = id else { panic!() };
        state.floor.queue(source, id).unwrap().name.to_string()
    });
    assert_eq!(marked, board.collect::<Vec<_>>());
    let (mut marked, mut rows) = (marked, names(rows));
    marked.sort();
    rows.sort();
    assert_eq!(marked, rows, "every format has the same queues");
}

#[test]
fn no_name_is_a_formula_in_a_spreadsheet() {
    let corpus = [
        "=1+1",
        "=HYPERLINK(\"http://evil.example\",\"Support\")",
        "+44 20 7946 0112",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(1+1)*cmd",
        "=cmd|'/c calc'!A1",
        "==",
        "-",
        "=\u{202e}1",
        "=a,b\"c",
    ];
    for name in corpus {
        let change = |queue: &mut Queue| queue.name = Shown::clean(name);
        let report = csv_of(&with_queues([&change]), TableId::Queues, true);
        let rows = records(&report);
        let queue = rows[0].iter().position(|own| own == "queue").unwrap();
        let expected = format!("'{}", Shown::clean(name));
        assert!(rows.iter().any(|row| row[queue] == expected), "{expected} in {report}");
        for field in rows.iter().flatten() {
            assert!(!field.starts_with(['=', '+', '-', '@']), "{field:?} in {report}");
        }
    }
}

#[test]
fn a_name_that_only_holds_a_sign_stays_as_it_is() {
    let change = |queue: &mut Queue| queue.name = Shown::clean("A-B = C + 'D' @ \"E\", F");
    let report = csv_of(&with_queues([&change]), TableId::Queues, true);
    let rows = records(&report);
    let fields: Vec<&String> = rows.iter().flatten().collect();
    assert!(fields.iter().any(|field| *field == "A-B = C + 'D' @ \"E\", F"), "{report}");
}

#[test]
fn what_is_not_told_is_a_dash_for_people_empty_in_csv_and_no_sample() {
    let silent = |queue: &mut Queue| queue.figures = Figures::default();
    let told = |queue: &mut Queue| queue.figures.waiting = Some(0);
    let state = with_queues([&silent, &told]);
    let rows = records(&csv_of(&state, TableId::Queues, true));
    let column = rows[0].iter().position(|own| own == "waiting").unwrap();
    let id = rows[0].iter().position(|own| own == "id").unwrap();
    let csv_of = |wanted: &str| {
        rows.iter().find(|row| row[id] == wanted).map(|row| row[column].as_str()).unwrap()
    };
    assert_eq!((csv_of("c0"), csv_of("c1")), ("", "0"));
    let marked = cells(&markdown_of(&state, TableId::Queues, true));
    let column = marked[0].iter().position(|own| own == "Wait").unwrap();
    let source = marked[0].iter().position(|own| own == "Source").unwrap();
    let hq: Vec<&str> =
        marked.iter().filter(|row| row[source] == "hq").map(|row| row[column].as_str()).collect();
    assert_eq!(hq, ["0", "–"], "what is unknown stands last");
    let (_, metrics) = metrics_of(&state);
    assert_eq!(metrics.value("floorwalker_queue_waiting", &[("id", "c0")]), None);
    assert_eq!(metrics.value("floorwalker_queue_waiting", &[("id", "c1")]), Some(0.0));
    let plain = markdown::markdown(&context(&state, true), TableId::Queues, true, every);
    assert!(plain.is_ascii() && plain.contains("| -"), "{plain}");
}

#[test]
fn numbers_of_people_are_masked_in_every_format_unless_asked_otherwise() {
    let state = centre::busy();
    let (whole, masked) = NUMBER;
    let of = |mask: bool| {
        let context = context(&state, mask);
        let all = [TableId::Entries];
        [
            csv_of(&state, TableId::Entries, mask),
            markdown_of(&state, TableId::Entries, mask),
            text::text(&context, TableId::Entries, every),
            json::json(&context, &all).to_string(),
        ]
    };
    for report in of(true) {
        assert!(report.contains(masked) && !report.contains(whole), "{report}");
    }
    for report in of(false) {
        assert!(report.contains(whole) && !report.contains(masked), "{report}");
    }
    // Labels last for years in a time series: they hold no number of a person at all.
    let all = openmetrics::openmetrics(
        &context(&state, false),
        openmetrics::Series::every(&TableId::ALL),
        every,
    )
    .unwrap();
    assert!(!all.contains(whole) && !all.contains(masked) && !all.contains("465 004 88"));
}

#[test]
fn markdown_tables_are_aligned_and_have_their_headers() {
    for table in reported() {
        let report = markdown_of(&centre::busy(), table, true);
        let widths: Vec<usize> =
            report.lines().map(unicode_width::UnicodeWidthStr::width).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{report}");
        let rule = report.lines().nth(1).unwrap();
        assert!(rule.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ')), "{rule}");
        let cells = cells(&report);
        assert!(cells.iter().all(|row| row.len() == cells[0].len()), "{report}");
        assert!(cells[0].iter().all(|header| !header.is_empty()), "{report}");
    }
}

#[test]
fn no_name_breaks_out_of_its_cell_in_markdown() {
    for name in [
        "a|b|c",
        "a\\|b",
        "\\",
        "![x](http://evil.example/x.png)",
        "<img src=x>",
        "&#124; &lt;b",
        "`code`",
        "*bold* _and_ ~~gone~~",
    ] {
        let change = |queue: &mut Queue| queue.name = Shown::clean(name);
        let report = markdown_of(&with_queues([&change]), TableId::Queues, true);
        let cells = cells(&report);
        assert!(cells.iter().all(|row| row.len() == cells[0].len()), "{report}");
        assert!(cells.iter().flatten().any(|cell| cell == name), "{name} in {report}");
        let line = report.lines().find(|line| line.contains("08-465 004 00")).unwrap();
        let mut before = ' ';
        let bare = line.chars().find(|c| {
            let bare = matches!(c, '[' | '<' | '`' | '*' | '&' | '_' | '~') && before != '\\';
            before = *c;
            bare
        });
        assert_eq!(bare, None, "{line}");
    }
}

#[test]
fn every_number_of_a_column_is_a_sample_and_nothing_else_is() {
    let state = centre::busy();
    let (report, metrics) = metrics_of(&state);
    let context = context(&state, true);
    let mut told = 0;
    for table in reported() {
        let rows = table.readings(&context).into_iter().filter(|(id, _)| {
            id.source().is_none_or(|source| source.raw() != "oslo")
                && (table == TableId::Sources || table.is_fresh(&context, id))
        });
        let rows: Vec<_> = rows.collect();
        for (index, head) in table.columns().iter().enumerate() {
            for (_, figures) in &rows {
                let figure = match &figures[index] {
                    Figure::About(figure) => figure,
                    figure => figure,
                };
                told += usize::from(matches!(
                    figure,
                    Figure::Count(_)
                        | Figure::Seconds(_)
                        | Figure::Percent(_)
                        | Figure::Time(_)
                        | Figure::Due(_)
                        | Figure::Past(_)
                ));
            }
            assert!(!head.help.contains(['"', '\\', '\n']), "help stands in HELP lines as it is");
        }
    }
    let others = ["floorwalker_source_link", "floorwalker_source_up", "floorwalker_total_"];
    let others: usize = others.iter().map(|begin| metrics.total_of(begin)).sum();
    // Of oslo, which is down, there is when it last told anything.
    assert_eq!(metrics.total() - others, told + 1, "{report}");
    assert!(told > 200);
}

#[test]
fn a_column_s_kind_makes_the_name_and_the_unit_of_its_gauge() {
    let (_, metrics) = metrics_of(&centre::busy());
    let vaxel = [("source", "hq"), ("queue", "Växel"), ("id", "21")];
    assert_eq!(metrics.value("floorwalker_queue_waiting", &vaxel), Some(4.0));
    assert_eq!(metrics.unit("floorwalker_queue_waiting"), None);
    assert_eq!(metrics.value("floorwalker_queue_longest_wait_seconds", &vaxel), Some(133.0));
    assert_eq!(metrics.unit("floorwalker_queue_longest_wait_seconds"), Some("seconds"));
    let helsinki = [("source", "helsinki"), ("id", "4101")];
    assert_eq!(metrics.value("floorwalker_queue_service_level_ratio", &helsinki), Some(0.81));
    assert_eq!(metrics.unit("floorwalker_queue_service_level_ratio"), Some("ratio"));
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are below 2^53")]
    let second_ago = (centre::wall().timestamp() - 1) as f64;
    let updated = "floorwalker_source_last_update_timestamp_seconds";
    assert_eq!(metrics.value(updated, &[("source", "hq")]), Some(second_ago));
    assert_eq!(metrics.unit(updated), Some("seconds"));
}

#[test]
fn the_state_of_every_link_that_is_up_is_told_by_all_six_words() {
    let (_, metrics) = metrics_of(&centre::busy());
    for (source, word, up) in [("hq", "live", 1.0), ("helsinki", "polling", 1.0)] {
        let words = ["live", "polling", "connecting", "stale", "down", "unauthorized"];
        for link in words {
            let labels = [("source", source), ("link", link)];
            let held = f64::from(u8::from(link == word));
            assert_eq!(metrics.value("floorwalker_source_link", &labels), Some(held), "{labels:?}");
        }
        assert_eq!(metrics.value("floorwalker_source_up", &[("source", source)]), Some(up));
    }
}

#[test]
fn a_source_that_is_down_or_stale_has_no_figures_in_metrics() {
    let always = ["floorwalker_source_last_update_timestamp_seconds", "floorwalker_source_up"];
    let (_, metrics) = metrics_of(&centre::busy());
    assert_eq!(metrics.names_of(&[("source", "oslo")]), always);
    assert_eq!(metrics.value("floorwalker_source_up", &[("source", "oslo")]), Some(0.0));
    let mut state = centre::busy();
    let later = state.now.moment.after(std::time::Duration::from_secs(600));
    state.now = floorwalker::floor::time::Now { moment: later, wall: state.now.wall_of(later) };
    let (report, metrics) = metrics_of(&state);
    for source in ["hq", "helsinki"] {
        assert_eq!(metrics.names_of(&[("source", source)]), always, "stale: {report}");
    }
    assert_eq!(metrics.total_of("floorwalker_total_"), 0, "nobody tells a figure");
}

#[test]
fn what_counts_up_is_a_counter_and_what_goes_down_too_is_a_gauge() {
    let (report, metrics) = metrics_of(&centre::busy());
    for name in ["queue_offered", "queue_answered", "queue_abandoned", "source_unknown_fields"] {
        assert!(metrics.is_counter(&format!("floorwalker_{name}")), "{name}");
        assert!(report.contains(&format!("\nfloorwalker_{name}_total{{")), "{name}");
    }
    for name in ["queue_waiting", "queue_agents_free", "source_up"] {
        assert!(!metrics.is_counter(&format!("floorwalker_{name}")), "{name}");
    }
}

#[test]
fn single_calls_callbacks_and_entries_have_series_on_request_alone() {
    let state = centre::busy();
    let context = context(&state, true);
    let series = openmetrics::Series { tables: &TableId::ALL, per_item: false };
    let report = openmetrics::openmetrics(&context, series, every).unwrap();
    let metrics = exposition::parse(&report);
    for begin in ["call_", "task_", "callback_due", "callback_attempts", "entry_"] {
        assert_eq!(metrics.total_of(&format!("floorwalker_{begin}")), 0, "{begin}");
    }
    let entries = TableId::Entries.readings(&context);
    let own = entries.iter().filter(|(id, _)| id.source().unwrap().raw() == "helsinki").count();
    let counted =
        metrics.value("floorwalker_rows", &[("table", "entries"), ("source", "helsinki")]);
    let own = f64::from(u32::try_from(own).unwrap());
    assert!((counted.unwrap_or(0.0) - own).abs() < 0.5, "{counted:?} of {own}");
    assert!(metrics_of(&state).1.total() > metrics.total());
}

#[test]
fn the_text_format_of_prometheus_names_counters_as_their_samples_and_has_no_end() {
    let (report, _) = metrics_of(&centre::busy());
    let plain = openmetrics::prometheus(&report);
    assert!(plain.contains("# TYPE floorwalker_queue_offered_total counter\n"), "{plain}");
    assert!(plain.contains("# HELP floorwalker_queue_offered_total "), "{plain}");
    assert!(plain.contains("# TYPE floorwalker_queue_waiting gauge\n"), "{plain}");
    assert!(!plain.contains("# UNIT") && !plain.contains("# EOF"), "{plain}");
    let samples = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
    };
    assert_eq!(samples(&plain), samples(&report), "the samples are the same");
}

#[test]
fn sources_that_have_told_nothing_have_links_and_no_figures() {
    let (report, metrics) = metrics_of(&centre::silent());
    assert_eq!(metrics.value("floorwalker_source_up", &[("source", "hq")]), Some(0.0));
    assert_eq!(metrics.samples("floorwalker_source_last_update_timestamp_seconds"), 0);
    assert!(!report.contains("floorwalker_queue"), "{report}");
}

#[test]
fn labels_carry_any_name() {
    for name in ["a\"b", "a\\", "\\n", "{x=\"y\"} 7", "a\nb", "日本語", ""] {
        let change = |queue: &mut Queue| queue.name = Shown::clean(name);
        let (report, metrics) = metrics_of(&with_queues([&change]));
        let shown = Shown::clean(name);
        let labels = [("queue", shown.as_str()), ("id", "c0")];
        assert_eq!(metrics.value("floorwalker_queue_waiting", &labels), Some(4.0), "{report}");
    }
}

#[test]
fn rows_that_nothing_tells_apart_are_numbered() {
    // Two ids that are cleaned into the same text.
    let first = |queue: &mut Queue| queue.id = "x\u{200b}".into();
    let second = |queue: &mut Queue| queue.id = "x\u{200d}".into();
    let (report, metrics) = metrics_of(&with_queues([&first, &second]));
    let hq = |row: &'static str| [("source", "hq"), ("row", row)];
    assert_eq!(metrics.value("floorwalker_queue_waiting", &hq("2")), Some(4.0), "{report}");
    assert_eq!(metrics.samples_of("floorwalker_queue_waiting", &[("source", "hq")]), 2);
}
