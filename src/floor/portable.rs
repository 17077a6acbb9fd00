//! What leaves the process: moments of a clock that nobody else has, and numbers of people that not everybody
//! may see. One declaration for each type says where they stand; both are changed on the way.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::floor::World;
use crate::floor::book::Books;
use crate::floor::id::SourceName;
use crate::floor::time::Moment;
use crate::text::Shown;

/// What is done to everything that cannot travel as it is.
pub trait Change {
    fn moment(&mut self, _moment: &mut Moment) {}

    /// Changes a text in which there may be a number of a person.
    fn text(&mut self, _text: &mut Shown) {}

    /// Changes what a customer wrote.
    fn written(&mut self, _text: &mut Shown) {}

    /// Tells what `party` is called, before its number is hidden.
    fn party(&mut self, _party: Option<&Shown>, _name: &mut Option<Shown>) {}

    /// Whether address books stay behind.
    fn keeps_books(&self) -> bool {
        false
    }
}

/// What can be changed for another process.
pub trait Portable {
    /// Shows `by` every moment, and every text that may hold a number of a person.
    fn change(&mut self, by: &mut dyn Change);
}

/// Moments of another process, told by our clock: what was so long ago there is so long ago here.
///
/// The beginning and the end of time are the same everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByClock {
    pub theirs: Moment,
    /// The same moment here.
    pub ours: Moment,
}

impl ByClock {
    /// A moment of theirs, by our clock.
    pub fn told(&self, moment: Moment) -> Moment {
        if moment == Moment::default() || moment == Moment::LAST {
            return moment;
        }
        match moment > self.theirs {
            true => self.ours.after(moment.since(self.theirs)),
            false => {
                let past = u64::try_from(self.theirs.since(moment).as_millis());
                let ours = self.ours.as_millis();
                Moment::from_millis(ours.saturating_sub(past.unwrap_or(u64::MAX)))
            }
        }
    }
}

impl Change for ByClock {
    fn moment(&mut self, moment: &mut Moment) {
        *moment = self.told(*moment);
    }
}

/// Names from address books beside the numbers that will be masked: who does not see a number still reads whose it is.
#[derive(Debug, Clone, Copy)]
pub struct Named<'b>(pub &'b Books);

impl Change for Named<'_> {
    fn party(&mut self, party: Option<&Shown>, name: &mut Option<Shown>) {
        if let Some(known) = party.and_then(|party| self.0.name(party)) {
            *name = Some(known);
        }
    }
}

/// Numbers of people masked, and what they wrote.
#[derive(Debug, Clone, Copy)]
pub struct Masked;

impl Change for Masked {
    fn text(&mut self, text: &mut Shown) {
        *text = text.masked();
    }

    fn written(&mut self, text: &mut Shown) {
        *text = text.veiled();
    }

    /// A book is nothing but numbers and whose they are.
    fn keeps_books(&self) -> bool {
        true
    }
}

/// Masks whole worlds, each with the names of its own address books.
pub fn mask(worlds: &mut BTreeMap<SourceName, World>) {
    for world in worlds.values_mut() {
        let books = Arc::clone(&world.books);
        if !books.is_empty() {
            world.change(&mut Named(&books));
        }
        world.change(&mut Masked);
    }
}

/// Declares a struct: first the fields that hold moments or texts with numbers of people, then all others. A field
/// that is in neither list does not compile.
macro_rules! portable {
    ($type:ty: ; $($plain:ident),*) => {
        impl $crate::floor::portable::Portable for $type {
            fn change(&mut self, _by: &mut dyn $crate::floor::portable::Change) {
                let Self { $($plain: _,)* } = self;
            }
        }
    };
    ($type:ty: $($carried:ident),*; $($plain:ident),*) => {
        impl $crate::floor::portable::Portable for $type {
            fn change(&mut self, by: &mut dyn $crate::floor::portable::Change) {
                let Self { $($carried,)* $($plain: _,)* } = self;
                $($crate::floor::portable::Portable::change($carried, by);)*
            }
        }
    };
}
pub(in crate::floor) use portable;

impl Portable for Moment {
    fn change(&mut self, by: &mut dyn Change) {
        by.moment(self);
    }
}

impl Portable for Shown {
    fn change(&mut self, by: &mut dyn Change) {
        by.text(self);
    }
}

impl<T: Portable> Portable for Option<T> {
    fn change(&mut self, by: &mut dyn Change) {
        if let Some(own) = self {
            own.change(by);
        }
    }
}

impl<T: Portable> Portable for Vec<T> {
    fn change(&mut self, by: &mut dyn Change) {
        for own in self {
            own.change(by);
        }
    }
}

impl<T: Portable> Portable for Box<T> {
    fn change(&mut self, by: &mut dyn Change) {
        (**self).change(by);
    }
}

impl<K, V: Portable> Portable for BTreeMap<K, V> {
    fn change(&mut self, by: &mut dyn Change) {
        for own in self.values_mut() {
            own.change(by);
        }
    }
}

impl<A: Portable, B: Portable> Portable for (A, B) {
    fn change(&mut self, by: &mut dyn Change) {
        self.0.change(by);
        self.1.change(by);
    }
}
