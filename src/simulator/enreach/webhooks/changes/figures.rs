//! What is counted: of queues now and in a day, and of callback lists.

use chrono::Local;
use serde_json::json;

use super::{Changes, Making};
use crate::simulator::enreach::{list_status, status_code};
use crate::simulator::scenario::Vendor;

impl Changes {
    pub(super) fn figures(&mut self, making: &mut Making<'_>) {
        let centre = making.centre;
        for (position, queue) in centre.queues_of(Vendor::Enreach) {
            let setup = &queue.setup;
            let figures = centre.figures(position);
            if setup.hide_status || self.queues.get(&position) == Some(&figures) {
                continue;
            }
            let body = json!({
                "QueueId": setup.id,
                "QueueName": setup.name,
                "OpenStatus": status_code(&figures, setup.uncertain),
                "MaxWaitTime": figures.longest_wait,
                "NbrOfRequesters": figures.waiting + figures.alerting + figures.connected,
                "NbrOfQueuingRequesters": figures.waiting,
                "NbrOfNotServedRequesters": figures.waiting + figures.alerting,
                "NbrOfAllocated": figures.alerting,
                "NbrOfConnected": figures.connected,
                "NbrOfProviders": centre.members(position).count(),
                "NbrOfAgentsCheckedInQueue": figures.logged_in,
                "NbrOfServingAgentsEstimate": figures.logged_in,
                "NbrOfAgentsImmediatelyFree": figures.free,
                "NbrOfAgentsShortTermAway": figures.busy,
                "NbrOfAgentsLongTermAway": figures.away,
                "NbrOfAgentsOnWrapUp": figures.wrap_up,
                "NbrOfAgentsOnFetchMode": 0,
            });
            making.tell("QueueStatus", ("Queue", &setup.id), making.now(), 60, &body);
            self.queues.insert(position, figures);
        }
    }

    pub(super) fn day_figures(&mut self, making: &mut Making<'_>) {
        let now = making.now();
        for (position, queue) in making.centre.queues_of(Vendor::Enreach) {
            let (setup, tally) = (&queue.setup, queue.tally());
            let today = tally.today();
            if setup.hide_status || self.days.insert(position, today) == Some(today) {
                continue;
            }
            let body = json!({
                "QueueId": setup.id,
                "QueueName": setup.name,
                "QueueDate": now.with_timezone(&Local).format("%Y-%m-%d").to_string(),
                "InboundTotalCalls": today.offered,
                "InboundAnsweredCalls": today.answered,
                "InboundAvgWaitTimeSec": tally.average_wait(),
                "InboundServiceLevelPercentage": tally.service_level(),
            });
            making.tell("QueueDailyCallMetrics", ("Queue", &setup.id), now, 600, &body);
        }
    }

    pub(super) fn list_figures(&mut self, making: &mut Making<'_>) {
        for (position, list) in making.centre.lists().iter().enumerate() {
            let figures = making.centre.list_figures(position);
            if self.lists.get(&position) == Some(&figures) {
                continue;
            }
            let body = list_status(list, &figures);
            making.tell("CallbackListStatus", ("CallList", list.id()), making.now(), 600, &body);
            self.lists.insert(position, figures);
        }
    }
}
