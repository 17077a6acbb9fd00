//! Telepo's operations: which there are, how each is asked by default, and which ticket it wants.

use std::collections::BTreeMap;

use crate::source::settings::Endpoint;
use crate::transport::http::{HttpError, Method, Reach, encoded, segment};

/// One operation as the documentation names it; paths are proposals, so all of them are configuration.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// Its id, the key in `[source.endpoints]`.
    pub id: &'static str,
    pub method: &'static str,
    /// Its path below the base URL.
    pub path: &'static str,
    /// The API whose ticket it wants.
    pub api: &'static str,
    /// What it does to the floor.
    pub reach: Reach,
}

const fn read(id: &'static str, path: &'static str, api: &'static str) -> Operation {
    Operation { id, method: "GET", path, api, reach: Reach::Read }
}

const fn act(id: &'static str, path: &'static str, api: &'static str) -> Operation {
    Operation { id, method: "POST", path, api, reach: Reach::Action }
}

/// Queue statistics of all queues that the user may supervise.
pub const STATISTICS_USER: Operation =
    read("queuestats.user", "/queuestatistics/user/{domain}/{user}", "QUEUE_STATISTICS");
/// Queue statistics of the organisation.
pub const STATISTICS_ORGANIZATION: Operation =
    read("queuestats.org", "/queuestatistics/organization/{domain}", "QUEUE_STATISTICS");
/// The user's groups with three counters each.
pub const GROUP_LIST: Operation =
    read("group.list", "/distributiongroup/groups/{domain}/{user}", "DISTRIBUTION_GROUP");
/// The user's groups with their agents.
pub const GROUPS: Operation = read("acd.groups.list", "/acd/v1/groups/{domain}/{user}", "ACD");
/// The stream of queue statistics.
pub const STATISTICS_STREAM: Operation = read(
    "group.statistics.sse",
    "/distributiongroup/statistics/{domain}/{user}",
    "DISTRIBUTION_GROUP",
);
/// Logs any agent in or out. `{domain}` is the group's.
pub const AGENT_ACTION: Operation =
    act("acd.agent.action", "/acd/v1/agent/{domain}/{group}/{agent}", "ACD");
/// Logs the user in.
pub const GROUP_LOGIN: Operation = act(
    "group.login",
    "/distributiongroup/login/{domain}/{user}/{grpid}/{grpid-domain}",
    "DISTRIBUTION_GROUP",
);
/// Logs the user out.
pub const GROUP_LOGOUT: Operation = act(
    "group.logout",
    "/distributiongroup/logout/{domain}/{user}/{grpid}/{grpid-domain}",
    "DISTRIBUTION_GROUP",
);
/// All calls of one user.
pub const STATE_USER: Operation =
    read("state.user.get", "/callstate/user/{domain}/{userId}", "CALL_CONTROL");
/// One call of one user.
pub const STATE_CALL: Operation =
    read("state.call.get", "/callstate/call/{domain}/{userId}/{callId}", "CALL_CONTROL");
/// The stream of one call's state.
pub const STATE_CALL_STREAM: Operation =
    read("state.call.sse", "/callstate/stream/{domain}/{userId}/{callId}", "CALL_CONTROL");
/// The stream of a user's dialogs (RFC 4235).
pub const DIALOGS_STREAM: Operation =
    read("state.dialogs.sse", "/callstate/dialogs/{domain}/{userId}", "CALL_CONTROL");
/// The stream of a contact's line state (RFC 4235).
pub const LINE_STATE_STREAM: Operation = read(
    "contact.linestate.sse",
    "/contactinfo/v1/linestatestream/{domain}/{cid}",
    "CONTACT_SEARCH",
);
/// The stream of a contact's presence (RFC 3863, RFC 4480).
pub const PRESENCE_STREAM: Operation =
    read("contact.presence.sse", "/contactinfo/v1/presencestream/{domain}/{cid}", "CONTACT_SEARCH");

/// The APIs without whose ticket there is nothing to show.
pub const NEEDED_APIS: [&str; 3] = ["QUEUE_STATISTICS", "DISTRIBUTION_GROUP", "ACD"];

/// The user's phones that can ring.
pub const DEVICES_ACTIVE: Operation =
    read("device.active", "/userdeviceinfo/active/{domain}/{userId}", "USER");
/// All of the user's phones.
pub const DEVICES: Operation =
    read("device.list", "/userdeviceinfo/devices/{domain}/{userId}", "USER");
/// Rings a phone of the user's, then calls, or joins a call.
pub const CALL_MAKE: Operation =
    act("call.make", "/callcontrol/make/{domain}/{userId}/{deviceId}", "CALL_CONTROL");
pub const CALL_CLEAR: Operation = Operation {
    method: "DELETE",
    ..act("call.clear", "/callcontrol/call/{domain}/{userId}/{callId}", "CALL_CONTROL")
};
pub const CALL_HOLD: Operation =
    act("call.hold", "/callcontrol/hold/{domain}/{userId}/{callId}", "CALL_CONTROL");
pub const CALL_RESUME: Operation =
    act("call.resume", "/callcontrol/resume/{domain}/{userId}/{callId}", "CALL_CONTROL");
pub const CALL_TRANSFER: Operation =
    act("call.transfer", "/callcontrol/transfer/{domain}/{userId}/{callId}", "CALL_CONTROL");
/// Picks up somebody else's ringing call.
pub const CALL_PICKUP: Operation =
    act("call.pickup", "/callcontrol/pickup/{domain}/{userId}/{deviceId}/{callId}", "CALL_CONTROL");
/// The same by the tags of its SIP dialog, for users who may pick up.
pub const CALL_PICKUP_DIALOG: Operation = act(
    "call.pickup.dialog",
    "/callcontrol/pickupdialog/{domain}/{userId}/{deviceId}",
    "CALL_CONTROL",
);
/// Answers a ringing call on a device.
pub const CALL_ANSWER: Operation =
    act("call.answer", "/callcontrol/answer/{domain}/{userId}/{callId}/{deviceId}", "CALL_CONTROL");
/// Takes a call to another device.
pub const CALL_MOVE: Operation =
    act("call.move", "/callcontrol/move/{domain}/{userId}/{callId}/{deviceId}", "CALL_CONTROL");
pub const CALL_MUTE: Operation =
    act("call.mute", "/callcontrol/mute/{domain}/{userId}/{callId}", "CALL_CONTROL");
pub const CALL_UNMUTE: Operation =
    act("call.unmute", "/callcontrol/unmute/{domain}/{userId}/{callId}", "CALL_CONTROL");
pub const CALL_PARK: Operation =
    act("call.park", "/callcontrol/park/{domain}/{userId}/{callId}", "CALL_CONTROL");
pub const RECORDING_START: Operation =
    act("rec.start", "/callrecording/start/{domain}/{userId}/{callId}", "CALL_CONTROL");
pub const RECORDING_STOP: Operation =
    act("rec.stop", "/callrecording/stop/{domain}/{userId}/{callId}", "CALL_CONTROL");
pub const RECORDING_SAVE: Operation =
    act("rec.save", "/callrecording/save/{domain}/{userId}/{callId}", "CALL_CONTROL");
/// Lets a recording go.
pub const RECORDING_DISCARD: Operation =
    act("rec.discard", "/callrecording/discard/{domain}/{userId}/{callId}", "CALL_CONTROL");
pub const RECORDING_PAUSE: Operation =
    act("rec.pause", "/callrecording/pause/{domain}/{userId}/{callId}", "CALL_CONTROL");
pub const RECORDING_RESUME: Operation =
    act("rec.resume", "/callrecording/resume/{domain}/{userId}/{callId}", "CALL_CONTROL");

/// The call log of all the user's groups.
pub const CALL_LOG: Operation =
    read("group.calllog.all", "/distributiongroup/calllog/{domain}/{user}", "DISTRIBUTION_GROUP");
/// Takes an item of the call log, closes it or lets it go.
pub const LOG_ASSIGN: Operation = Operation {
    method: "PUT",
    ..act(
        "group.assign",
        "/distributiongroup/assign/{domain}/{user}/{itemid}",
        "DISTRIBUTION_GROUP",
    )
};

/// What a user says of themselves.
pub const PRESENCE: Operation =
    read("user.presence.get", "/userinfo/presence/{domain}/{user}", "USER");
/// Changes what a user says of themselves. `{user}` is the one who is changed.
pub const PRESENCE_PUT: Operation = Operation {
    method: "PUT",
    ..act("user.presence.put", "/userinfo/presence/{domain}/{user}", "USER")
};
pub const ACTIVITIES: Operation =
    read("config.activities", "/configuration/activities/{domain}/{user}", "USER");
pub const ROLES: Operation = read("config.roles", "/configuration/roles/{domain}/{user}", "USER");

/// The places at which the user can take calls that are set up.
pub const ANSWER_PLACES: Operation =
    read("config.answerplaces", "/configuration/answerplaces/{domain}/{user}", "USER");
/// Rings a place of the user's, then calls somebody.
pub const CALL_SETUP: Operation =
    act("calls.setup", "/calls/current/{domain}/{user}/{aptype}/{cid}", "CALLS");

/// The API of tickets, which no ticket of our own opens.
pub const USER_TICKETS: &str = "USER_TICKETS";
/// Makes a ticket: nothing of the floor changes by it.
pub const TICKET_CREATE: Operation = Operation {
    method: "POST",
    ..read("ticket.create", "/usertickets/{domain}/{user}", USER_TICKETS)
};
/// Deletes a ticket by its name.
pub const TICKET_DELETE: Operation = Operation {
    method: "DELETE",
    ..read("ticket.delete", "/usertickets/{domain}/{user}/{ticketName}", USER_TICKETS)
};

/// The operations that floorwalker uses.
pub const OPERATIONS: [Operation; 44] = [
    STATISTICS_USER,
    STATISTICS_ORGANIZATION,
    GROUP_LIST,
    GROUPS,
    STATISTICS_STREAM,
    AGENT_ACTION,
    GROUP_LOGIN,
    GROUP_LOGOUT,
    CALL_LOG,
    LOG_ASSIGN,
    PRESENCE,
    PRESENCE_PUT,
    ACTIVITIES,
    ROLES,
    ANSWER_PLACES,
    CALL_SETUP,
    TICKET_CREATE,
    TICKET_DELETE,
    STATE_USER,
    STATE_CALL,
    STATE_CALL_STREAM,
    DIALOGS_STREAM,
    LINE_STATE_STREAM,
    PRESENCE_STREAM,
    DEVICES_ACTIVE,
    DEVICES,
    CALL_MAKE,
    CALL_CLEAR,
    CALL_HOLD,
    CALL_RESUME,
    CALL_TRANSFER,
    CALL_PICKUP,
    CALL_PICKUP_DIALOG,
    CALL_ANSWER,
    CALL_MOVE,
    CALL_MUTE,
    CALL_UNMUTE,
    CALL_PARK,
    RECORDING_START,
    RECORDING_STOP,
    RECORDING_SAVE,
    RECORDING_DISCARD,
    RECORDING_PAUSE,
    RECORDING_RESUME,
];

/// The documented operations that floorwalker does not use yet: a config file may name them all the same.
pub const LATER: [&str; 73] = [
    "acd.group.legacy",
    "acd.group.v52",
    "acd.group.get",
    "acd.groups.v52",
    "acd.agent.legacy",
    "acd.agent.v52",
    "group.calllog",
    "group.assigned",
    "group.assigned.by-group",
    "queuestats.org.v51",
    "queuestats.queue",
    "queuestats.supervisor.v51",
    "reccontrol.list",
    "reccontrol.action",
    "calls.transfer.cancel",
    "calls.transfer.status",
    "calls.transfer",
    "linestate.get",
    "linestate.update",
    "linestate.create",
    "linestate.delete",
    "commlog.item.trash",
    "commlog.item.get",
    "commlog.item.mark",
    "commlog.item.delete",
    "commlog.list",
    "commlog.mark",
    "commlog.delete",
    "commlog.groupinbox",
    "commlog.item.flag-deleted",
    "call.conference.add",
    "call.alternate",
    "call.conference.leave",
    "call.consult",
    "call.conference.remove",
    "call.dtmf",
    "call.transfer.to-call",
    "state.call.webhook.delete",
    "state.user.webhook.delete",
    "state.call.webhook.create",
    "state.user.webhook.create",
    "contact.presence.events",
    "contact.presence.pidf.put",
    "contact.presence.create",
    "contact.presence.get",
    "contact.presence.update",
    "contact.presence.delete",
    "contact.get",
    "contact.fields.get",
    "contact.fields.put",
    "contact.image",
    "contact.linestate",
    "contact.note",
    "contact.vcard.get",
    "contact.vcard.put",
    "contact.timezones",
    "contact.activity",
    "contact.expires",
    "contact.role",
    "device.webhook.delete",
    "device.attributes",
    "device.icon.get",
    "device.icon.set",
    "device.name.get",
    "device.name.set",
    "device.webhook.create",
    "device.sse",
    "user.photo.get",
    "user.photo.set",
    "user.expires.get",
    "user.available",
    "user.activity.set",
    "user.expires.set",
];

/// Why an operation cannot be asked as it is configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OperationError {
    /// A placeholder that the operation does not have.
    #[error("endpoints.\"{operation}\".path: {{{placeholder}}} is not one of {known}")]
    UnknownPlaceholder { operation: &'static str, placeholder: String, known: String },
    /// A placeholder that the operation cannot do without.
    #[error(
        "endpoints.\"{operation}\".path lacks {{{placeholder}}}: the request would name nobody"
    )]
    MissingPlaceholder { operation: &'static str, placeholder: &'static str },
    #[error("endpoints.\"{operation}\".method: {method:?} is no HTTP method")]
    Method { operation: &'static str, method: String },
}

/// Placeholders that name whom or what is asked for: without them it would be somebody else.
const NEEDED: [&str; 10] = [
    "group",
    "grpid",
    "agent",
    "itemid",
    "ticketName",
    "userId",
    "callId",
    "deviceId",
    "aptype",
    "cid",
];

/// An operation as it is configured.
#[derive(Debug, Clone)]
pub struct Asked {
    pub operation: Operation,
    pub method: Method,
    /// Its path, with placeholders.
    pub path: String,
}

impl Operation {
    /// The operation with what the config file says of it.
    ///
    /// # Errors
    /// An unknown placeholder, a missing one that names whom an action is done to, or an unknown method.
    pub fn configured(
        self,
        endpoints: &BTreeMap<String, Endpoint>,
    ) -> Result<Asked, OperationError> {
        let own = endpoints.get(self.id).cloned().unwrap_or_default();
        let method = own.method.unwrap_or_else(|| self.method.to_owned());
        let path = own.path.unwrap_or_else(|| self.path.to_owned());
        let known: Vec<&str> = placeholders(self.path).collect();
        for placeholder in placeholders(&path) {
            if !known.contains(&placeholder) {
                return Err(OperationError::UnknownPlaceholder {
                    operation: self.id,
                    placeholder: placeholder.to_owned(),
                    known: known.join(", "),
                });
            }
        }
        for placeholder in NEEDED {
            if known.contains(&placeholder) && !placeholders(&path).any(|own| own == placeholder) {
                return Err(OperationError::MissingPlaceholder { operation: self.id, placeholder });
            }
        }
        let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes())
            .map_err(|_| OperationError::Method { operation: self.id, method })?;
        Ok(Asked { operation: self, method, path })
    }

    /// Placeholders that `path` leaves out and that only make it ask for more than it might.
    pub fn left_out(self, path: &str) -> Vec<&'static str> {
        placeholders(self.path)
            .filter(|known| !NEEDED.contains(known) && !placeholders(path).any(|own| own == *known))
            .collect()
    }
}

impl Asked {
    /// The URL below `base` with its placeholders filled and `query` behind it.
    ///
    /// # Errors
    /// [`HttpError::Id`] for a value that cannot stand in a path.
    pub fn url(
        &self,
        base: &str,
        values: &[(&str, &str)],
        query: &[(&str, &str)],
    ) -> Result<String, HttpError> {
        let mut path = self.path.clone();
        for (name, value) in values {
            let placeholder = format!("{{{name}}}");
            if path.contains(&placeholder) {
                path = path.replace(&placeholder, &segment(value)?);
            }
        }
        let mut url = format!("{}/{}", base.trim_end_matches('/'), path.trim_start_matches('/'));
        for (name, value) in query {
            url.push(if url.contains('?') { '&' } else { '?' });
            for part in [&encoded(name), "=", &encoded(value)] {
                url.push_str(part);
            }
        }
        Ok(url)
    }
}

fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints(id: &str, method: Option<&str>, path: &str) -> BTreeMap<String, Endpoint> {
        let endpoint = Endpoint { method: method.map(str::to_owned), path: Some(path.to_owned()) };
        BTreeMap::from([(id.to_owned(), endpoint)])
    }

    #[test]
    fn placeholders_become_single_encoded_segments() {
        let asked = AGENT_ACTION.configured(&BTreeMap::new()).unwrap();
        let url = asked.url(
            "https://bcs.example.com/api/",
            &[("domain", "example.com"), ("group", "2/1"), ("agent", "a+b@example.com")],
            &[("action", "logout")],
        );
        assert_eq!(
            url.unwrap(),
            "https://bcs.example.com/api/acd/v1/agent/example.com/2%2F1/a%2Bb@example.com?action=logout"
        );
    }

    #[test]
    fn a_path_with_its_own_query_is_continued() {
        let asked = GROUP_LIST
            .configured(&endpoints("group.list", Some("post"), "/x/{user}?ver=2"))
            .unwrap();
        assert_eq!(asked.method, Method::POST);
        let url = asked.url("http://h", &[("user", "u")], &[("a", "b")]);
        assert_eq!(url.unwrap(), "http://h/x/u?ver=2&a=b");
    }

    #[test]
    fn a_path_that_names_nobody_is_refused() {
        let refused = AGENT_ACTION
            .configured(&endpoints("acd.agent.action", None, "/x/{domain}/{group}"))
            .unwrap_err();
        assert!(refused.to_string().contains("{agent}"), "{refused}");
        let refused =
            GROUP_LIST.configured(&endpoints("group.list", None, "/x/{usr}")).unwrap_err();
        assert!(refused.to_string().contains("{usr}"), "{refused}");
        assert_eq!(GROUP_LIST.left_out("/x/{domain}"), ["user"]);
    }
}
