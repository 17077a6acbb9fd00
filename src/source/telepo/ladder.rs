//! The reads of the queues: the best that the server allows.

use crate::clock;
use crate::floor::time::Moment;
use crate::source::feed::Failure;
use crate::source::telepo::operations::{
    GROUP_LIST, Operation, STATISTICS_ORGANIZATION, STATISTICS_USER,
};
use crate::source::telepo::wire::{self, Statistic};
use crate::source::telepo::{BEST_AGAIN, STATISTICS_HINT, Telepo, hinted};
use crate::text::Shown;
use crate::transport::http::{HttpError, Reply};
use crate::transport::lenient::Tally;

/// The reads of the queues, the best first, and what the lesser ones lack.
const LADDER: [(Operation, Option<&str>); 3] = [
    (STATISTICS_USER, None),
    (STATISTICS_ORGANIZATION, Some("all queues of the organisation, not only supervised ones")),
    (GROUP_LIST, Some("only waiting, free and logged in")),
];

/// Which read of the ladder serves now, and why not a better one.
#[derive(Default)]
pub(super) struct Ladder {
    rung: usize,
    best_again: Option<Moment>,
    why: Option<Shown>,
}

impl Ladder {
    /// The best read that the server allows. A refusal of one is not a failure while a lesser one works.
    pub(super) async fn climb(&mut self, telepo: &Telepo) -> Result<(usize, Reply), Failure> {
        let now = clock::moment();
        if self.best_again.is_some_and(|again| again <= now) {
            (self.rung, self.best_again) = (0, None);
        }
        let mut first: Option<HttpError> = None;
        let last = LADDER.len() - 1;
        for (rung, (operation, _)) in LADDER.iter().enumerate().skip(self.rung) {
            match telepo.read(*operation).await {
                Ok(reply) => {
                    if rung > 0 && rung != self.rung {
                        self.best_again = Some(now.after(BEST_AGAIN));
                        self.why = first.as_ref().map(HttpError::shown);
                    }
                    self.rung = rung;
                    return Ok((rung, reply));
                }
                Err(
                    error @ (HttpError::Forbidden { .. }
                    | HttpError::NotFound { .. }
                    | HttpError::Unauthorized { .. }),
                ) if rung < last => {
                    first.get_or_insert(error);
                }
                Err(error) => {
                    self.rung = 0;
                    return Err(hinted(first.unwrap_or(error), STATISTICS_HINT));
                }
            }
        }
        Err(HttpError::Address { why: "no read of queues is configured" }.into())
    }

    pub(super) fn remark(&self, rung: usize) -> Option<Shown> {
        let (operation, lacks) = LADDER[rung];
        let why = self.why.as_ref().filter(|_| rung > 0)?;
        Some(Shown::clean(&format!(
            "{}: {why}; {STATISTICS_HINT}; read by {}: {}",
            STATISTICS_USER.id,
            operation.id,
            lacks.unwrap_or_default()
        )))
    }
}

/// The queues that the answer of a rung tells of.
pub(super) fn parse(
    rung: usize,
    reply: &Reply,
    tally: &mut Tally,
) -> Result<Vec<Statistic>, HttpError> {
    reply.read_by(|body| match LADDER[rung].0.id {
        "group.list" => wire::group_summaries(body, tally),
        _ => wire::queue_statistics(body, tally),
    })
}
