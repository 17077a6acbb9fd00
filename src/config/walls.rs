//! From `[wall.NAME]` as written to what a wall shows.

use std::collections::BTreeMap;

use crate::config::Complaint;
use crate::config::file::{File, line_at, nearest};
use crate::table::TableId;
use crate::text::{Pattern, Shown};
use crate::wall::{PAGES, Profile};

/// Every wall of the file; what is wrong goes to `complaints`.
pub(super) fn all(
    file: &File,
    text: &str,
    complaints: &mut Vec<Complaint>,
) -> BTreeMap<String, Profile> {
    let mut walls = BTreeMap::new();
    for (name, written) in &file.wall {
        let mut profile = Profile { name: Some(Shown::clean(name)), ..Profile::default() };
        if let Some(queues) = &written.queues {
            profile.queues = queues.iter().map(|own| Pattern::new(own)).collect();
        }
        if let Some(rotate) = written.rotate {
            profile.rotate = rotate.0;
        }
        if let Some(pages) = &written.pages {
            profile.pages.clear();
            for page in pages {
                let known = PAGES.into_iter().find(|table| table.name() == page.get_ref());
                match known {
                    Some(table) if profile.pages.contains(&table) => {}
                    Some(table) => profile.pages.push(table),
                    None => complaints.push(Complaint {
                        line: Some(line_at(text, page.span().start)),
                        what: Shown::clean(&unknown(page.get_ref())),
                    }),
                }
            }
            if profile.pages.is_empty() {
                profile.pages.push(TableId::Queues);
            }
        }
        walls.insert(name.clone(), profile);
    }
    walls
}

fn unknown(page: &str) -> String {
    let known = PAGES.map(TableId::name);
    match nearest(page, known.into_iter()) {
        Some(near) => format!("a wall has no page {page:?}: did you mean {near:?}?"),
        None => format!("a wall has no page {page:?}: there is {}", known.join(", ")),
    }
}
