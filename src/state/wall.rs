//! The wall over the state: it opens, turns its pages and is left. What it shows is [`crate::wall`]'s.

use crate::action::{Action, declared};
use crate::event::{Key, Press};
use crate::state::{Effect, State};
use crate::table::Context;
use crate::wall::sheet::Show;
use crate::wall::{Profile, Wall};

/// The actions that a wall keeps, by name.
const KEPT: [&str; 7] = ["quit", "help", "theme", "wall", "mouse", "suspend", "redraw"];

impl State {
    /// Hangs the wall. `over_board` tells whether there is a board to go back to.
    pub fn hang_wall(&mut self, profile: Profile, over_board: bool) {
        // A picture that is held would show old as new.
        self.held = None;
        self.screen.wall = Some(Wall::new(profile, over_board, self.now.moment));
    }

    /// The actions that a wall keeps.
    pub fn wall_keeps(action: Action) -> bool {
        declared(action).is_some_and(|declared| KEPT.contains(&declared.name))
    }

    /// What a wall is made from: numbers of people are masked, whatever the board shows.
    pub fn wall_context(&self) -> Context<'_> {
        Context { mask: true, veil: true, inside: None, ..self.context() }
    }

    /// What the wall shows.
    pub fn show(&self, wall: &Wall) -> Show {
        wall.profile.show(&self.wall_context(), self.size)
    }

    /// Lets a second pass on the wall.
    pub(super) fn pass_on_wall(&mut self) {
        let Some(mut wall) = self.screen.wall.take() else { return };
        wall.pass(&self.show(&wall).sheets, self.now.moment);
        self.screen.wall = Some(wall);
    }

    /// Opens the wall, or goes back to the board behind it.
    pub(super) fn toggle_wall(&mut self) {
        match &self.screen.wall {
            None => self.hang_wall(self.wall_profile.clone(), true),
            Some(wall) if wall.over_board => self.screen.wall = None,
            Some(_) => {}
        }
    }

    /// What a key does on a wall: nothing that reaches the floor, nothing that reveals a number.
    pub(super) fn press_on_wall(&mut self, press: Press, mut wall: Wall) -> Vec<Effect> {
        let over_board = wall.over_board;
        let forward = match (press.key, press.ctrl) {
            (Key::Right | Key::Down | Key::PageDown | Key::Char(' '), false) => Some(true),
            (Key::Left | Key::Up | Key::PageUp, false) => Some(false),
            _ => None,
        };
        if let Some(forward) = forward {
            wall.turn(forward, self.show(&wall).sheets.len(), self.now.moment);
            self.screen.wall = Some(wall);
            return Vec::new();
        }
        match self.keymap.action(press, self.screen.scope()) {
            Some(Action::Back) if over_board => self.screen.wall = None,
            Some(action) if Self::wall_keeps(action) => return self.act(action),
            _ => {}
        }
        Vec::new()
    }
}
