//! A strict reader of the OpenMetrics text format: what it does not know is an error.

use std::collections::{BTreeMap, BTreeSet};

type Labels = BTreeMap<String, String>;

/// What an exposition says.
#[derive(Debug, Default)]
pub struct Exposition {
    families: BTreeMap<String, Family>,
}

#[derive(Debug, Default)]
struct Family {
    unit: Option<String>,
    counter: bool,
    samples: Vec<(Labels, f64)>,
}

impl Exposition {
    /// The only sample of a gauge with these labels among its own.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let mut fitting = self.fitting(name, labels);
        let value = fitting.next();
        assert!(fitting.next().is_none(), "several samples of {name} have {labels:?}");
        value
    }

    fn fitting(&self, name: &str, labels: &[(&str, &str)]) -> impl Iterator<Item = f64> {
        let fits = |own: &Labels| {
            labels.iter().all(|(key, value)| own.get(*key).map_or("", String::as_str) == *value)
        };
        let family = self.families.get(name).into_iter();
        family.flat_map(|family| &family.samples).filter(move |(own, _)| fits(own)).map(|own| own.1)
    }

    /// How many samples of a gauge have these labels among their own.
    pub fn samples_of(&self, name: &str, labels: &[(&str, &str)]) -> usize {
        self.fitting(name, labels).count()
    }

    /// How many samples a gauge has.
    pub fn samples(&self, name: &str) -> usize {
        self.samples_of(name, &[])
    }

    /// How many samples there are.
    pub fn total(&self) -> usize {
        self.families.values().map(|family| family.samples.len()).sum()
    }

    /// Whether what is counted counts up.
    pub fn is_counter(&self, name: &str) -> bool {
        self.families[name].counter
    }

    /// How many samples there are whose names begin so.
    pub fn total_of(&self, begin: &str) -> usize {
        let own = self.families.iter().filter(|(name, _)| name.starts_with(begin));
        own.map(|(_, family)| family.samples.len()).sum()
    }

    /// The names of all families with a sample of these labels.
    pub fn names_of(&self, labels: &[(&str, &str)]) -> Vec<&str> {
        let names = self.families.keys().map(String::as_str);
        names.filter(|name| self.samples_of(name, labels) > 0).collect()
    }

    /// The unit of a gauge.
    pub fn unit(&self, name: &str) -> Option<&str> {
        self.families[name].unit.as_deref()
    }
}

/// Reads a whole exposition; panics at the first thing that is not as the standard wants it.
pub fn parse(text: &str) -> Exposition {
    let body = text.strip_suffix("# EOF\n").expect("it ends with # EOF and a line break");
    let mut families = BTreeMap::new();
    let mut current: Option<(String, Family)> = None;
    let mut said = Vec::new();
    for line in body.lines() {
        assert!(!line.is_empty() && line.trim() == line, "a bare line: {line:?}");
        if let Some(meta) = line.strip_prefix("# ") {
            let (word, rest) = meta.split_once(' ').unwrap();
            let (name, value) = rest.split_once(' ').unwrap();
            assert!(is_name(name) && name.starts_with("floorwalker_"), "{line}");
            if word == "HELP" {
                put(&mut families, current.replace((name.to_owned(), Family::default())));
                said.clear();
            }
            let (own, family) = current.as_mut().expect("HELP comes first");
            assert_eq!(own, name, "families are not mixed");
            assert!(family.samples.is_empty(), "what a family is stands above its samples: {line}");
            assert!(!said.contains(&word), "twice: {line}");
            said.push(word);
            match word {
                "HELP" => assert!(!value.contains('"'), "{line}"),
                "TYPE" => {
                    assert!(["gauge", "counter"].contains(&value), "{line}");
                    family.counter = value == "counter";
                }
                "UNIT" => {
                    assert!(name.ends_with(&format!("_{value}")), "the name has the unit: {line}");
                    family.unit = Some(value.to_owned());
                }
                _ => panic!("not known: {line}"),
            }
            continue;
        }
        let (own, family) = current.as_mut().expect("samples have a family");
        assert_eq!(said[..2], ["HELP", "TYPE"]);
        let (name, labels, value) = sample(line);
        let name = if family.counter { name.strip_suffix("_total").unwrap() } else { name };
        assert_eq!(name, own, "a sample stands in its own family");
        assert!(value.is_finite());
        family.samples.push((labels, value));
    }
    put(&mut families, current);
    Exposition { families }
}

fn put(families: &mut BTreeMap<String, Family>, done: Option<(String, Family)>) {
    let Some((name, family)) = done else { return };
    assert!(!family.samples.is_empty(), "{name} has no sample");
    let unlike: BTreeSet<&Labels> = family.samples.iter().map(|(labels, _)| labels).collect();
    assert_eq!(unlike.len(), family.samples.len(), "a sample of {name} stands twice");
    assert!(families.insert(name.clone(), family).is_none(), "{name} stands twice");
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn sample(line: &str) -> (&str, Labels, f64) {
    let Some((name, mut rest)) = line.split_once('{') else {
        let (name, value) = line.split_once(' ').unwrap();
        assert!(is_name(name), "{line}");
        return (name, Labels::new(), value.parse().unwrap());
    };
    assert!(is_name(name), "{line}");
    let mut labels = Labels::new();
    loop {
        let (key, value) = rest.split_once("=\"").unwrap();
        assert!(is_name(key), "{key:?} in {line}");
        let mut text = String::new();
        let mut chars = value.char_indices();
        let end = loop {
            match chars.next().unwrap() {
                (at, '"') => break at,
                (_, '\\') => text.push(match chars.next().unwrap().1 {
                    'n' => '\n',
                    c @ ('\\' | '"') => c,
                    c => panic!("\\{c} in {line}"),
                }),
                (_, c) => text.push(c),
            }
        };
        assert!(labels.insert(key.to_owned(), text).is_none(), "{key} twice in {line}");
        rest = &value[end + 1..];
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => break,
        }
    }
    let value = rest.strip_prefix("} ").unwrap();
    assert!(value.bytes().all(|b| b.is_ascii_digit() || b"+-.e".contains(&b)), "{line}");
    (name, labels, value.parse().unwrap())
}
