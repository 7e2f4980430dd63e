namespace Ha.Api.Problems;

/// <summary>One kind of problem. Codes are stable: programs switch on them.</summary>
/// <param name="Code">Last part of the type URI.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Title">The kind in a few words.</param>
/// <param name="Help">What it means and what to do: the text behind the type URI.</param>
/// <param name="Retryable">Whether the same request may succeed later without any change.</param>
internal sealed record ProblemType(string Code, int Status, string Title, string Help, bool Retryable = false)
{
    public const string Root = "/problems/";

    public string Uri => Root + Code;

    public static readonly ProblemType MalformedRequest = new("malformed-request", 400, "The request cannot be read",
        "The body is no valid JSON, has an unknown or missing field, or a value is not accepted. 'errors' names each " +
        "wrong part: a JSON pointer into the body, ?name for a query parameter, or the name of a header. Correct it " +
        "and send again.");

    public static readonly ProblemType Unauthorized = new("unauthorized", 401, "A valid token is needed",
        "Send the header 'Authorization: Bearer TOKEN'. The token was printed when ha-api started for the first " +
        "time; 'ha-api token --new' replaces it.");

    public static readonly ProblemType Forbidden = new("forbidden", 403, "This token may not do that",
        "The token is valid but has no right to this. Use another one.");

    public static readonly ProblemType NotFound = new("not-found", 404, "There is nothing at this address",
        "Check the path. Ids that contain slashes have to be percent-encoded: 192.168.1.100%2F24%2Feth0:0. " +
        "All addresses are listed under /swagger.");

    public static readonly ProblemType UnknownNode = new("unknown-node", 404, "No node of that name",
        "The cluster's nodes are those of ha.cf: GET /api/v1/nodes lists them.");

    public static readonly ProblemType UnknownGroup = new("unknown-group", 404, "No group of that name",
        "A group's id is the first resource word of its haresources line: GET /api/v1/groups lists them.");

    public static readonly ProblemType UnknownResource = new("unknown-resource", 404, "No resource of that name",
        "The cluster configuration names all resources: GET /api/v1/groups lists them.");

    public static readonly ProblemType UnknownServer = new("unknown-server", 404, "No server of that name",
        "GET /api/v1/haproxy/backends lists the servers of the HAProxy that runs on this node; where it does not run, " +
        "none is known. Ask a node where it runs.");

    public static readonly ProblemType MethodNotAllowed =
        new("method-not-allowed", 405, "This method is not possible here",
            "The header 'Allow' of the answer lists the methods of this address.");

    public static readonly ProblemType NodeNotOnline =
        new("node-not-online", 409, "The node is no member of the cluster now",
            "A node that is dead, left or joining cannot take part. Wait until it is online, or choose another one.",
            Retryable: true);

    public static readonly ProblemType NodeInStandby = new("node-in-standby", 409, "The node is in standby",
        "Set it active first: PUT /api/v1/nodes/{name}/mode with {\"mode\":\"active\"}.");

    public static readonly ProblemType NoOtherNode = new("no-other-node", 409, "No other node could take the resources",
        "The command would leave the service without a node. Bring another node online first.");

    public static readonly ProblemType WrongBelief =
        new("wrong-belief", 409, "The group runs somewhere else than believed",
            "'from' in the request is not where the group runs now. Look at the group again and decide anew.");

    public static readonly ProblemType NotReady = new("not-ready", 409, "The node cannot do that now",
        "It has not joined the cluster yet, or is leaving it. Ask again in a moment, or ask another node.",
        Retryable: true);

    public static readonly ProblemType Blocked = new("group-blocked", 409, "The group is blocked by a failed stop",
        "Make sure by hand that nothing of it runs any more, then POST /api/v1/groups/{id}/cleanup.");

    public static readonly ProblemType WrongResourceType = new("wrong-resource-type", 409,
        "The resource is of another type", "Only servers of a resource of type builtin:haproxy can be set.");

    public static readonly ProblemType TooManyIntents = new("too-many-intents", 409,
        "Too many servers are otherwise than configured",
        "Put some back to ready, or write what shall stay into haproxy.cfg.");

    public static readonly ProblemType ConfigurationDrift = new("config-drift", 409,
        "The node that would serve has another configuration of the service",
        "The detail names the nodes. Copy the right configuration to both and ask again, or send \"force\": true.");

    public static readonly ProblemType UnknownVersion = new("unknown-version", 404,
        "No configuration of that version is kept",
        "GET /api/v1/configuration/history lists the versions that are kept.");

    public static readonly ProblemType VersionConflict = new("version-conflict", 412,
        "The configuration has another version",
        "Somebody has changed it meanwhile: GET /api/v1/configuration, look at the difference, make the change anew.");

    public static readonly ProblemType InvalidConfiguration = new("invalid-configuration", 422,
        "The configuration document has mistakes",
        "The errors name each place by its JSON pointer. Nothing was changed.");

    public static readonly ProblemType Conflict = new("conflict", 409, "The request contradicts the present state",
        "Read the resource again and decide anew.");

    public static readonly ProblemType CursorExpired = new("cursor-expired", 410, "The cursor is no longer valid",
        "The event history was rebuilt since the cursor was given out. Begin again without a cursor.");

    public static readonly ProblemType TooLarge = new("too-large", 413, "The request body is too large",
        "No request needs more than 1 MiB.");

    public static readonly ProblemType UnsupportedMediaType =
        new("unsupported-media-type", 415, "The body has to be JSON",
            "Send the header 'Content-Type: application/json'.");

    public static readonly ProblemType KeyReused =
        new("idempotency-key-reused", 422, "The idempotency key belongs to another request",
            "A key stands for one request with one body. Choose a new key for a new request.");

    public static readonly ProblemType Busy = new("busy", 429, "Too many operations are under way",
        "Wait until one has ended; Retry-After says when to ask again.", Retryable: true);

    public static readonly ProblemType TooManyRequests = new("too-many-requests", 429, "Too many requests",
        "Retry-After says when to ask again.", Retryable: true);

    public static readonly ProblemType InternalError =
        new("internal-error", 500, "Something unexpected went wrong here",
            "This is a fault of ha-api. Its log has the details under the 'traceId' of the answer.");

    public static readonly ProblemType AgentRefused =
        new("agent-refused", 502, "The agent did not understand the request",
            "ha-api and ha-agent are of versions that do not fit together: install the same version of both.");

    public static readonly ProblemType AgentNotRunning =
        new("agent-not-running", 503, "The agent of this node is not running",
            "Nothing was done. Start ha-agent on this node, or ask another node.", Retryable: true);

    public static readonly ProblemType NoState = new("no-state", 503, "Nothing is known of the cluster yet",
        "The agent of this node has not answered since ha-api started. Start ha-agent, or ask another node.",
        Retryable: true);

    public static readonly ProblemType StorageUnavailable =
        new("storage-unavailable", 503, "The database cannot be used now",
            "The disk is full or the file is damaged; it is made anew by itself where possible. The log of ha-api " +
            "has the details.",
        Retryable: true);

    public static readonly ProblemType NotInRole = new("not-in-role", 503, "This node does not have that role now",
        "An answer for load balancers: it says the role of the node, not whether it is healthy.", Retryable: true);

    public static readonly ProblemType AgentNoAnswer = new("agent-no-answer", 504, "The agent did not answer in time",
        "It is not known whether the command was carried out. Look at the cluster; repeating the request with the " +
        "same Idempotency-Key carries it out at most once.", Retryable: true);

    public static readonly ProblemType OtherError = new("http-error", 400, "The request failed",
        "The status of the answer says what happened.");

    public static readonly ImmutableArray<ProblemType> All =
    [
        MalformedRequest, Unauthorized, Forbidden, NotFound, UnknownNode, UnknownGroup, MethodNotAllowed, NodeNotOnline,
        NodeInStandby, NoOtherNode, WrongBelief, NotReady, Blocked, UnknownVersion, VersionConflict,
        InvalidConfiguration, UnknownResource, UnknownServer, WrongResourceType, TooManyIntents, ConfigurationDrift, Conflict,
        CursorExpired, TooLarge,
        UnsupportedMediaType, KeyReused, Busy, TooManyRequests, InternalError, AgentRefused, AgentNotRunning, NoState,
        StorageUnavailable, NotInRole, AgentNoAnswer, OtherError,
    ];
}
