//! What all queues come to, for people: each figure with the queues that tell it.

use crate::report::{markdown, text};
use crate::table::totals::{ABANDONMENT, Totals};
use crate::table::{Align, Context, TableId};

/// The sides at which its columns stand.
const ALIGNS: [Align; 3] = [Align::Left, Align::Right, Align::Left];

/// The headers, then a line for each figure that any queue tells.
fn lines(context: &Context<'_>) -> Vec<Vec<String>> {
    let heads = TableId::Queues.columns();
    let header = |name: &str| match heads.iter().find(|head| head.name == name) {
        Some(head) => head.header.to_owned(),
        None if name == ABANDONMENT => "Abandoned of offered".to_owned(),
        None => name.to_owned(),
    };
    let mut lines = vec![["Total", "Value", "Over"].map(str::to_owned).to_vec()];
    let all = Totals::whole(context, |_| true).report(context.now.moment);
    lines.extend(all.into_iter().filter(|(.., over)| over.rows > 0).map(|(name, figure, over)| {
        let over = format!("{} of {} queues", over.rows, over.of);
        vec![header(name), figure.text(context), over]
    }));
    lines
}

/// The totals as text; nothing where no queue tells any.
pub fn text(context: &Context<'_>) -> String {
    match lines(context) {
        lines if lines.len() < 2 => String::new(),
        lines => text::aligned(&ALIGNS, &lines),
    }
}

/// The totals as a table in Markdown. With `plain` in ASCII alone.
pub fn markdown(context: &Context<'_>, plain: bool) -> String {
    match lines(context) {
        lines if lines.len() < 2 => String::new(),
        lines => markdown::aligned(&ALIGNS, lines, plain),
    }
}
