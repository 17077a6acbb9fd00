//! Requests to be called back.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Changes, Making, id, merge, user, written};
use crate::simulator::centre::{Callback, Reason};

impl Changes {
    pub(super) fn requests(&mut self, making: &mut Making<'_>) {
        let all = making.centre.callbacks();
        let now: BTreeMap<u64, Callback> =
            all.map(|(number, callback)| (number, callback.clone())).collect();
        for (number, callback) in &now {
            let known = self.callbacks.get(number);
            if known != Some(callback) {
                request(making, *number, callback, &json!({ "Created": known.is_none() }));
            }
        }
        for (number, callback) in self.callbacks.iter().filter(|(id, _)| !now.contains_key(id)) {
            request(making, *number, callback, &json!({ "IsClosed": true }));
        }
        self.callbacks = now;
    }
}

fn request(making: &mut Making<'_>, number: u64, callback: &Callback, own: &Value) {
    let Some(list) = making.centre.lists().get(callback.list) else { return };
    let time = |at: u64| written(making.site.instant(at));
    let at = making.now();
    let kind = match callback.reason {
        Reason::Requested => 1,
        Reason::Overflown => 2,
    };
    let mut body = json!({
        "CallBackId": id(3, number),
        "CallListId": list.id(),
        "AssignedUserId": callback.taken_by.map(user),
        "ContactNumber": callback.number,
        "CreationTime": time(callback.created),
        "DueDate": time(callback.due),
        "NotBefore": time(callback.not_before),
        "ExpiryDate": time(callback.expires),
        "Modified": written(at),
        "Created": false,
        "IsClosed": false,
        "TypeId": kind,
        "CallbackAttempts": null,
        "CallbackExtras": null,
        "CallbackRelatedItems": null,
    });
    merge(&mut body, own);
    making.tell("CallbackChanged", ("CallList", list.id()), at, 120, &body);
}
