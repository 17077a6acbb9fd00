//! What a wall shows and how it turns its pages: a preset of the state, not a second UI.
//!
//! A wall has a stage, which every page shares, and under it a list that turns by pages. On the stage stands
//! what needs somebody most: a critical queue, else a source that no longer tells anything, else a queue in
//! warning. While a queue is critical, only the pages that show critical queues take their turn.

use std::time::Duration;

use crate::floor::time::Moment;
use crate::table::TableId;
use crate::table::cell::coarse;
use crate::text::{Pattern, Shown};

pub use self::layout::Layout;
pub use self::sheet::{Sheet, Stage, Standing};

pub mod layout;
pub mod sheet;

/// How long a page stays, unless the profile says otherwise.
pub const DWELL: Duration = Duration::from_secs(15);

/// The tables that can be pages.
pub const PAGES: [TableId; 4] =
    [TableId::Queues, TableId::Agents, TableId::CallbackLists, TableId::Entries];

/// What one wall shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name in the config file; none for the wall that is there without one.
    pub name: Option<Shown>,
    /// Which queues: those that fit any of these; all where there are none.
    pub queues: Vec<Pattern>,
    /// Its pages, in their order.
    pub pages: Vec<TableId>,
    /// How long a page stays.
    pub rotate: Duration,
}

impl Default for Profile {
    fn default() -> Self {
        Self { name: None, queues: Vec::new(), pages: vec![TableId::Queues], rotate: DWELL }
    }
}

impl Profile {
    /// Whether a queue of that name and id belongs to the wall.
    pub fn has(&self, name: &str, id: &str) -> bool {
        self.queues.is_empty()
            || self.queues.iter().any(|pattern| pattern.fits(name) || pattern.fits(id))
    }
}

/// A wall that hangs: its profile, and which page has its turn.
#[derive(Debug, Clone)]
pub struct Wall {
    pub profile: Profile,
    /// Whether there is a board behind it, to go back to.
    pub over_board: bool,
    page: usize,
    since: Moment,
    /// Whether the page was turned to by hand: then it stays for its time, whatever is critical.
    by_hand: bool,
}

impl Wall {
    /// A wall on its first page.
    pub const fn new(profile: Profile, over_board: bool, now: Moment) -> Self {
        Self { profile, over_board, page: 0, since: now, by_hand: false }
    }

    /// The page that has its turn, of `pages`.
    pub const fn page(&self, pages: usize) -> usize {
        match pages {
            0 => 0,
            _ if self.page < pages => self.page,
            _ => pages - 1,
        }
    }

    /// Turns to the next page, or the one before, by hand.
    pub const fn turn(&mut self, forward: bool, pages: usize, now: Moment) {
        if pages == 0 {
            return;
        }
        let page = self.page(pages);
        let step = if forward { 1 } else { pages - 1 };
        self.page = (page + step) % pages;
        self.since = now;
        self.by_hand = true;
    }

    /// Lets time pass: turns when the page's time is over; a critical queue comes first.
    pub fn pass(&mut self, sheets: &[Sheet], now: Moment) {
        self.page = self.page(sheets.len());
        let critical = sheets.iter().any(|sheet| sheet.critical);
        let may = |page: usize| !critical || sheets.get(page).is_some_and(|sheet| sheet.critical);
        let over = now.since(self.since) >= self.profile.rotate;
        if !over && (self.by_hand || may(self.page)) {
            return;
        }
        // From the next page round to this one again: a lone critical page stays.
        let turns = (self.page + 1..sheets.len()).chain(0..=self.page);
        let first = (0..sheets.len()).find(|page| may(*page));
        let next = if over { turns.into_iter().find(|page| may(*page)) } else { first };
        self.page = next.unwrap_or(0);
        self.since = now;
        self.by_hand = false;
    }
}

/// A wait as a wall tells it, seconds: in steps that grow with it, so that a wall at rest is nearly still. It is
/// never told longer than it is.
pub const fn wait_step(seconds: u32) -> u32 {
    let step = match seconds {
        0..60 => 5,
        60..600 => 10,
        600..3_600 => 60,
        _ => 300,
    };
    seconds - seconds % step
}

/// A wait in those steps: `0:35`, `2:10`, `12:00`, `1h05`, `2d4h`.
pub fn wait(seconds: u32) -> String {
    coarse(wait_step(seconds).into())
}

/// How old something is, in steps that grow with it: `<5 s`, `10 s`, `45 s`, `12 min`, `3 h`, `2 d`.
pub fn age(seconds: u64) -> String {
    match seconds {
        0..5 => "<5 s".to_owned(),
        5..15 => format!("{} s", seconds - seconds % 5),
        15..60 => format!("{} s", seconds - seconds % 15),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}
