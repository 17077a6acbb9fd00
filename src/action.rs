//! `ACTIONS`, the one declaration of what keys do.
//!
//! Key dispatch, user overrides, the footer, help, questions, the read-only filter and the README's table of
//! keys are all made from it.

use crate::event::{Key, Press};
use crate::operations::OperationId;
use crate::table::TableId;

/// What a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    Quit,
    /// Show or hide the help.
    Help,
    Filter,
    Table(TableId),
    /// Show the next table.
    NextTable,
    /// Show the table before.
    PreviousTable,
    /// Select the row below.
    Down,
    /// Select the row above.
    Up,
    /// Select a screenful further down.
    PageDown,
    /// Select a screenful further up.
    PageUp,
    /// Select the first row.
    First,
    /// Select the last row.
    Last,
    /// Go into the selected row.
    Open,
    /// Leave what is open.
    Back,
    /// Choose the column to sort by.
    Sort,
    /// Turn the order round.
    Reverse,
    Columns,
    /// Group the queues in the next way.
    Group,
    /// Mark the selected row, or no longer.
    Mark,
    /// Find an action by its name.
    Palette,
    /// Hold the picture, or let it go on.
    Pause,
    /// Show the wall, or the board again.
    Wall,
    /// Let go of the mouse, or take it back.
    Mouse,
    /// Copy the selected row.
    Copy,
    /// Ask for an operation.
    Operation(OperationId),
    /// Choose from what a call offers.
    ActOnCall,
    /// Whose requests to be called back are shown, and in which order.
    Whose,
    /// Try the selected row's source again now.
    RetrySource,
    /// Draw in the next theme.
    Theme,
    /// Write the screen into a file.
    Export,
    /// Put the program into the background.
    Suspend,
    Redraw,
}

/// How far an action reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// It changes what this screen shows.
    Screen,
    /// It changes the floor: it asks first, and a read-only floorwalker does not have it.
    Floor,
}

/// Where an action's keys count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Board,
    /// Where people can be logged in and out: queues, a queue's agents, agents.
    Agents,
    /// Where somebody's call can be acted on: on the table of calls, and wherever agents are.
    Calls,
    /// On the table of scheduler entries.
    Entries,
    /// On the table of tasks.
    Tasks,
    /// On the table of requests to be called back.
    Callbacks,
}

impl Scope {
    /// The scopes that tables have.
    pub const PLACES: [Self; 6] =
        [Self::Board, Self::Agents, Self::Calls, Self::Entries, Self::Tasks, Self::Callbacks];

    /// Whether keys of this scope count in `place`, the scope of a table.
    pub const fn counts_in(self, place: Self) -> bool {
        match self {
            Self::Board => true,
            Self::Agents => matches!(place, Self::Agents),
            Self::Calls => matches!(place, Self::Calls | Self::Agents),
            Self::Entries => matches!(place, Self::Entries),
            Self::Tasks => matches!(place, Self::Tasks),
            Self::Callbacks => matches!(place, Self::Callbacks),
        }
    }
}

/// One declared action.
#[derive(Debug)]
pub struct Declared {
    pub action: Action,
    /// Its name in config files.
    pub name: &'static str,
    /// Its keys, unless the user chose others.
    pub keys: &'static [Press],
    pub scope: Scope,
    /// How far it reaches.
    pub reach: Reach,
    /// One or two words for the footer; empty where the footer leaves it out.
    pub hint: &'static str,
    /// One sentence for the help.
    pub help: &'static str,
}

macro_rules! keys {
    ($($key:expr),*) => { &[$($key),*] };
}

const fn char(c: char) -> Press {
    Press::char(c)
}

const fn key(key: Key) -> Press {
    Press::plain(key)
}

const fn screen(
    action: Action,
    name: &'static str,
    keys: &'static [Press],
    hint: &'static str,
    help: &'static str,
) -> Declared {
    Declared { action, name, keys, scope: Scope::Board, reach: Reach::Screen, hint, help }
}

/// The key of an operation, with the words of its declaration.
const fn operation(id: OperationId, keys: &'static [Press], scope: Scope) -> Declared {
    let own = id.declared();
    let (hint, help) = match &own.key {
        Some(words) => (words.hint, words.help),
        None => ("", ""),
    };
    let action = Action::Operation(id);
    Declared { action, name: own.name, keys, scope, reach: Reach::Floor, hint, help }
}

/// Every action, in the order of the help.
pub const ACTIONS: &[Declared] = &[
    screen(Action::Help, "help", keys![char('?')], "help", "Show or hide this help."),
    screen(Action::Quit, "quit", keys![char('q'), Press::ctrl('c')], "quit", "Leave floorwalker."),
    operation(OperationId::LogIn, keys![char('i')], Scope::Agents),
    operation(OperationId::LogOut, keys![char('o')], Scope::Agents),
    operation(OperationId::AddEntry, keys![char('n')], Scope::Entries),
    operation(OperationId::EditEntry, keys![char('e')], Scope::Entries),
    operation(OperationId::SetPresence, keys![char('P')], Scope::Agents),
    operation(OperationId::Supervise, keys![char('m')], Scope::Calls),
    Declared {
        action: Action::ActOnCall,
        name: "act_on_call",
        keys: keys![char('C')],
        scope: Scope::Calls,
        reach: Reach::Floor,
        hint: "call",
        help: "Do what the selected call offers: hold, transfer, pick up, record, clear. Asks first.",
    },
    operation(OperationId::RemoveEntry, keys![char('d')], Scope::Entries),
    operation(OperationId::AddTask, keys![char('n')], Scope::Tasks),
    operation(OperationId::UpdateTask, keys![char('e')], Scope::Tasks),
    operation(OperationId::RemoveTask, keys![char('d')], Scope::Tasks),
    operation(OperationId::TakeCallback, keys![char('t')], Scope::Callbacks),
    operation(OperationId::FinishCallback, keys![char('T')], Scope::Callbacks),
    operation(OperationId::CallBack, keys![char('b')], Scope::Callbacks),
    Declared {
        scope: Scope::Callbacks,
        ..screen(
            Action::Whose,
            "whose",
            keys![char('f')],
            "whose",
            "Show your own callbacks first, those alone that nobody has, or all as they come.",
        )
    },
    screen(
        Action::Filter,
        "filter",
        keys![char('/')],
        "filter",
        "Keep the rows that contain a text; !text keeps the others, re: begins a regular expression.",
    ),
    screen(Action::Open, "open", keys![key(Key::Enter)], "open", "Go into the selected queue."),
    screen(
        Action::Back,
        "back",
        keys![key(Key::Esc)],
        "",
        "Leave what is open: the queue, then the filter.",
    ),
    screen(Action::Sort, "sort", keys![char('s')], "sort", "Choose the column to sort by."),
    screen(Action::Reverse, "reverse", keys![char('S')], "", "Turn the order round."),
    screen(
        Action::Columns,
        "columns",
        keys![char('c')],
        "columns",
        "Choose the columns and their order.",
    ),
    screen(
        Action::Mark,
        "mark",
        keys![key(Key::Char(' '))],
        "",
        "Mark the selected row; what is done then is done to all marked rows, with one question.",
    ),
    screen(
        Action::Palette,
        "palette",
        keys![char(':')],
        "",
        "Find an action by its name and do it.",
    ),
    screen(
        Action::Pause,
        "pause",
        keys![char('p')],
        "",
        "Hold the picture while the sources go on, or let it run.",
    ),
    screen(
        Action::Copy,
        "copy",
        keys![char('y')],
        "",
        "Copy the selected row to the clipboard, through ssh too.",
    ),
    screen(Action::NextTable, "next_table", keys![key(Key::Tab)], "tables", "Show the next table."),
    screen(
        Action::PreviousTable,
        "previous_table",
        keys![key(Key::BackTab)],
        "",
        "Show the table before.",
    ),
    screen(
        Action::Group,
        "group",
        keys![char('u')],
        "group",
        "Group the queues by source, by your own groups, or not.",
    ),
    screen(Action::Table(TableId::Queues), "queues", keys![char('1')], "", "Show the queues."),
    screen(Action::Table(TableId::Agents), "agents", keys![char('2')], "", "Show the agents."),
    screen(Action::Table(TableId::Calls), "calls", keys![char('3')], "", "Show the calls."),
    screen(Action::Table(TableId::Tasks), "tasks", keys![char('4')], "", "Show the tasks."),
    screen(
        Action::Table(TableId::Callbacks),
        "callbacks",
        keys![char('5')],
        "",
        "Show who asked to be called back.",
    ),
    screen(
        Action::Table(TableId::CallbackLists),
        "callback_lists",
        keys![char('6')],
        "",
        "Show the callback lists.",
    ),
    screen(
        Action::Table(TableId::Entries),
        "entries",
        keys![char('7')],
        "",
        "Show the outbound scheduler entries.",
    ),
    screen(
        Action::Table(TableId::Journal),
        "journal",
        keys![char('E')],
        "",
        "Show how scheduler entries ended, of the last 30 days.",
    ),
    screen(
        Action::Table(TableId::Sources),
        "sources",
        keys![char('8')],
        "",
        "Show the sources and their feeds.",
    ),
    screen(
        Action::Table(TableId::Log),
        "log",
        keys![char('0')],
        "",
        "Show what happened, newest first.",
    ),
    screen(Action::Down, "down", keys![key(Key::Down), char('j')], "", "Select the row below."),
    screen(Action::Up, "up", keys![key(Key::Up), char('k')], "", "Select the row above."),
    screen(
        Action::PageDown,
        "page_down",
        keys![key(Key::PageDown), Press::ctrl('f')],
        "",
        "Select a screenful further down.",
    ),
    screen(
        Action::PageUp,
        "page_up",
        keys![key(Key::PageUp), Press::ctrl('b')],
        "",
        "Select a screenful further up.",
    ),
    screen(Action::First, "first", keys![char('g'), key(Key::Home)], "", "Select the first row."),
    screen(Action::Last, "last", keys![char('G'), key(Key::End)], "", "Select the last row."),
    screen(
        Action::RetrySource,
        "retry_source",
        keys![char('r')],
        "",
        "Read the selected row's source again now.",
    ),
    screen(
        Action::Theme,
        "theme",
        keys![key(Key::F(2))],
        "",
        "Draw in the next theme; the next run remembers it.",
    ),
    screen(
        Action::Export,
        "export",
        keys![char('x')],
        "",
        "Write the screen into an SVG file in the current directory.",
    ),
    screen(
        Action::Wall,
        "wall",
        keys![char('w')],
        "",
        "Show the wall: large, masked, nothing to change; again for the board.",
    ),
    screen(
        Action::Mouse,
        "mouse",
        keys![char('M')],
        "",
        "Let go of the mouse, so that it selects text, or take it back; shift+drag selects text too.",
    ),
    screen(
        Action::Suspend,
        "suspend",
        keys![Press::ctrl('z')],
        "",
        "Put floorwalker into the background; fg brings it back.",
    ),
    screen(Action::Redraw, "redraw", keys![Press::ctrl('l')], "", "Draw the screen anew."),
];

/// The declaration of `action`.
pub fn declared(action: Action) -> Option<&'static Declared> {
    ACTIONS.iter().find(|declared| declared.action == action)
}
