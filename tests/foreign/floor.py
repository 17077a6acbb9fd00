"""The floor of a centre that nobody has seen before: what each of the three systems holds at the start.

Written from the vendors' documents alone. It is awkward on purpose: ids that are missing, names that are
shared, numbers that are strings, fields that nobody documented, lists that are null.
"""

STATISTICS = [
    {
        "name": "Taxi", "domain": "example.net", "number": "+3584010021", "id": 21,
        "queueLength": "3", "availableAgents": 2, "loggedInAgents": 5.0,
        "longestWaiting": 42, "lastWait": 15, "averageWait": 14,
        "droppedCallsForPeriod": 6, "totalCallsForPeriod": 60, "answeredCallsForPeriod": 41,
        "totalCallsLast24h": 50, "droppedCallsLast24h": 4, "answeredCallsLast24h": 38,
        "current-agent-presence": [{"name": "Available", "count": 1}, {"name": "Lunch", "count": "2"}],
        "weather": {"sky": "grey"},
    },
    {   # The same number in another organisation; a number as a string.
        "name": "Harbour", "domain": "other.example", "number": None, "id": "21",
        "queueLength": 0, "availableAgents": 1, "loggedInAgents": 1,
        "longestWaiting": 0, "lastWait": None, "averageWait": "7",
        "droppedCallsForPeriod": 0, "totalCallsForPeriod": 9, "answeredCallsForPeriod": 9,
        "totalCallsLast24h": None, "droppedCallsLast24h": None, "answeredCallsLast24h": None,
        "current-agent-presence": None,
    },
    {   # Belongs to the group "Night" by its name only.
        "name": "Night", "domain": "example.net", "id": 9077,
        "queueLength": None, "availableAgents": 0, "loggedInAgents": 0, "longestWaiting": -1,
    },
    {   # Belongs to no group at all.
        "name": "Lone", "domain": "example.net", "id": 300, "queueLength": 1, "longestWaiting": 5,
    },
]


def agent(first, last, login, free, activity="Available", **more):
    """One agent as a group lists it."""
    return {"firstName": first, "activity": activity, "lastName": last, "skillLevel": 3,
            "isLoggedIn": login, "isAvailable": free, **more}


GROUPS = [
    {
        "id": 21, "domain": "example.net", "name": "Taxi", "type": "ACD",
        "loggedIn": True, "nightMode": False,
        "agents": [
            agent("Jane", "Doe", True, True),
            agent("John", "Roe", True, False, "Lunch", id="john@example.net", shoeSize=44),
            agent("Kim", "Lee", True, True),
            agent("Kim", "Lee", False, False, None),
            agent("Olga", "Berg", True, True, None, id="olga@example.net"),
        ],
        "roles": [{"type": "SUPERVISOR"}],
        "statistic": {"numberOfLoggedInAgents": 99, "numberOfFreeAgents": 99, "numberOfCallsInQueue": 99},
        "allowUsingFunctionNumber": False, "distributionType": "SKILLS", "colour": "blue",
    },
    {
        "id": 21, "domain": "other.example", "name": "Harbour", "type": "ACD",
        "loggedIn": False, "nightMode": False,
        "agents": [
            agent("Ann", "Far", True, True, id="ann@other.example"),
            agent("Jane", "Doe", False, True),
        ],
        "roles": None, "statistic": None, "allowUsingFunctionNumber": True, "distributionType": "PRIORITY",
    },
    {
        "id": 5, "domain": "example.net", "name": "Reception", "type": "ATTENDANT",
        "loggedIn": False, "nightMode": True,
        "agents": [agent("John", "Roe", False, True, id="john@example.net")],
        "statistic": {"numberOfLoggedInAgents": 0, "numberOfFreeAgents": "0", "numberOfCallsInQueue": None},
    },
    {
        "id": 77, "domain": "example.net", "name": "Night", "type": "ACD_LIGHT",
        "loggedIn": False, "nightMode": None, "agents": None, "statistic": None,
    },
]

SALES, HELP, QUIET = (
    "6b1f0d6e-52a5-4c7f-9a51-0c0b3f5e1a01",
    "6B1F0D6E-52A5-4C7F-9A51-0C0B3F5E1A02",
    "6b1f0d6e-52a5-4c7f-9a51-0c0b3f5e1a03",
)

QUEUES = [
    {
        "Id": SALES, "Name": "Sales", "Numbers": ["+358931001", "+358931002"], "TypeId": 4,
        "Status": {"OpenStatus": 5, "MaxWaitTime": 35000, "QueueLength": "4", "OngoingCalls": 6,
                   "AgentsOnWrapUp": 1, "FreeAgents": 0, "ServingAgents": 7, "Mood": "fine"},
        "Region": "EU",
    },
    {   # Its name is only in the directory.
        "Id": HELP, "Name": None, "Numbers": None, "TypeId": 4,
        "Status": {"OpenStatus": "ClosedUncertain", "MaxWaitTime": 0, "QueueLength": 0, "OngoingCalls": None,
                   "AgentsOnWrapUp": 0, "FreeAgents": 0, "ServingAgents": 0},
    },
    {"Id": QUIET, "Name": "Quiet", "Numbers": [], "TypeId": 4, "Status": None},
    {"Id": "6b1f0d6e-52a5-4c7f-9a51-0c0b3f5e1a04", "Name": "Press one", "Numbers": None, "TypeId": 5,
     "Status": {"OpenStatus": 5, "QueueLength": 50}},
]

DIRECTORIES = [{"ID": "d-1", "Name": "Phones"}, {"ID": "d/2", "Name": "Default"}]

DIRECTORY = {"Entries": [
    {"QueueId": HELP.lower(), "Description": "Help desk", "Priority": 1},
    {"QueueId": SALES, "Description": "Sells things"},
]}


def callback_list(name, number, total, **more):
    """A `CallbackListStatus` with each counter another number."""
    return {"CallListId": f"c0ffee00-0000-0000-0000-00000000000{number}", "Name": name,
            "TotalOpenRequests": total, "TotalFreeForAllocation": total - 1, "TotalAssigned": 1,
            "TotalHidingNotBefore": 2, "TotalOverDueDate": 3, "NextHourOverDueDate": 4, "ExpiresIn24h": 5,
            "TotalServingAgents": 6, "Moon": "full", **more}


CALLBACKS = {"cAlLbAcKs": [callback_list("Winter", 1, 10), callback_list(None, 2, 20, TotalAssigned=None)]}

OUT, BACK = "out@contoso.example", "back/office@contoso.example"


def entry(number, service, due, **more):
    """One entry of the scheduler as the list gives it."""
    return {"schedulerEntryId": f"e-{number}", "serviceUpn": service, "dueDateTimeUtc": due,
            "destination": f"+35840123456{number}", "ReferenceId": f"case {number}",
            "distributionPriority": "Normal", "maxAttempts": 3, "attemptTimeoutInSeconds": 3600,
            "direction": "Outbound", "modality": "Audio", "event": None, "customer": None,
            "unifiedConversationId": None, "completionReason": None, **more}


# What a written entry has where the writer says nothing.
FALLBACKS = {"distributionPriority": None, "maxAttempts": 1, "attemptTimeoutInSeconds": 3600,
             "maxQueueTimeInSeconds": 300, "ronaTimeoutInSeconds": 20, "direction": "Outbound", "modality": "Audio",
             "event": None, "customer": None, "unifiedConversationId": None, "completionReason": None}

PRIORITIES = [{"name": "Rather urgent", "value": "High"}, {"name": "As usual", "value": "Normal"}]

ENTRIES = [
    entry(1, OUT, "2031-05-01T12:00:00+02:00"),
    entry(2, OUT, "2031-05-01T10:30:00Z", unifiedConversationId="uc-2", event="Attempt running"),
    entry(3, OUT, "2031-05-01T09:00:00", completionReason="Limit Reached"),
    entry(4, BACK, "2031-05-02T08:15:00", maxAttempts="5", ReferenceId=None, planet="Mars"),
    entry(5, BACK, None, event="Parked on the moon", destination="bob@contoso.example"),
]


def start():
    """A fresh floor."""
    import copy
    return copy.deepcopy({
        "statistics": STATISTICS, "groups": GROUPS, "queues": QUEUES, "directories": DIRECTORIES,
        "directory": DIRECTORY, "callbacks": CALLBACKS, "entries": ENTRIES, "services": [OUT, BACK], "priorities": PRIORITIES,
        "stubborn": False,
    })
