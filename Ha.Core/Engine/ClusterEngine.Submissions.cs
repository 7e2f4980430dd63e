using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Configuration;
using Ha.Core.Contracts;
using Ha.Core.Engine.Messages;
using Ha.Core.Membership;

namespace Ha.Core.Engine;

/// <summary>
/// Changing the configuration: any member takes a document and finds its mistakes; the coordinator, which fetches it
/// from there in pieces, judges whether it was made from the version that holds, and adopts it as the next one.
/// </summary>
public sealed partial class ClusterEngine
{
    // Here: a document that an operator gave to this node, which the coordinator fetches.
    private SubmittedDocument? submitted;

    // On the coordinator: one that is being fetched from another member.
    private Submission? submission;

    private CommandRejection? RefuseDocument(OperatorCommand command)
    {
        if (command.Kind == CommandKind.RollBack) return RefuseRollBack(command);
        if (command.Kind != CommandKind.Configure) return null;
        if (command.Document is not { } document)
            return new(RejectionCode.Malformed, "a configuration needs its document");
        if (command.ExpectedVersion is null)
            return new(RejectionCode.Malformed, "a configuration needs the version that it was made from");
        if (submitted is not null && operations.Any(one => one.Id == submitted.Operation && !IsFinal(one)))
            return new(RejectionCode.Busy, "another configuration is being taken over: try again when it is done");
        var reading = ConfigurationReader.Read(document, Facts);
        if (reading.Document is not { } good) return Rejection(reading);
        if (RefuseVersion(command) is { } conflicting) return conflicting;
        var written = ConfigurationText.Write(good);
        submitted = new SubmittedDocument(
            "", VersionOf(command.ExpectedVersion), ConfigurationText.Hash(written), written);
        return null;
    }

    private CommandRejection? RefuseRollBack(OperatorCommand command)
    {
        if (command.ToVersion is null || !ConfigurationVersion.TryParse(command.ToVersion, out var version))
            return new(RejectionCode.Malformed, "rolling back needs a version, for example 3.0");
        if (version == configuration.Version)
            return new(RejectionCode.UnknownVersion, $"version {version} is the one that holds now");
        if (IsCoordinator && history.Find(version) is null)
        {
            return new(RejectionCode.UnknownVersion, $"version {version} is not kept on {options.LocalNode}; kept are "
                + string.Join(", ", history.Records.TakeLast(10).Select(record => record.Version)));
        }

        return command.ExpectedVersion is null ? null : RefuseVersion(command);
    }

    // While members disagree, each of their versions is one that an operator may have seen.
    private CommandRejection? RefuseVersion(OperatorCommand command)
    {
        if (!ConfigurationVersion.TryParse(command.ExpectedVersion!, out var expected))
            return new(RejectionCode.Malformed, $"'{command.ExpectedVersion}' is no version; write it like 3.0");
        var known = view is null || conflict is null
            ? [configuration.Version] : MemberOffers().Select(one => one.Offer.Version).ToImmutableArray();
        return known.Contains(expected) ? null
            : new(RejectionCode.VersionConflict, $"the cluster configuration has version {configuration.Version}, "
                + $"not {expected}: somebody has changed it meanwhile; look at the difference and make the change anew");
    }

    private static CommandRejection Rejection(ConfigurationReading reading)
    {
        ImmutableArray<ProblemError> errors = [.. reading.Findings
            .Where(one => one.Severity == FindingSeverity.Error)
            .Select(one => new ProblemError(one.Pointer, $"{one.Problem}; {one.Advice}"))];
        return new(RejectionCode.InvalidConfiguration,
            $"the document has {(errors.Length == 1 ? "a mistake" : $"{errors.Length} mistakes")}; "
                + $"nothing was changed: {Errors(reading)}") { Errors = errors };
    }

    // On the coordinator, with the document at hand or still to be fetched.
    private void BeginConfigure(string id, OperatorCommand command)
    {
        if (command.Kind == CommandKind.RollBack) RollBack(id, command);
        else if (submitted?.Operation == id) Configure(id, command, submitted.Text);
        else End(id, OperationState.Failed, "its document was lost on the way: submit it again");
    }

    private void FetchSubmission(Peer from, CommandMessage message)
    {
        if (submission is not null)
        {
            End(message.OperationId, OperationState.Failed,
                "another configuration is being taken over: try again when it is done");
            return;
        }

        var wanted = new ConfigurationFetch(
            from.Name, VersionOf(message.Command.ExpectedVersion), message.DocumentHash ?? "", now.Monotonic);
        submission = new Submission(message, wanted);
        Ask(wanted);
    }

    private void RepeatSubmission()
    {
        if (submission is not { } waiting || now.Monotonic < waiting.Fetch.AskAgain) return;
        if (IsCoordinator && now.Monotonic - waiting.Fetch.Progress <= FetchPatience)
        {
            Ask(waiting.Fetch);
            return;
        }

        submission = null;
        End(waiting.Message.OperationId, OperationState.Failed,
            $"its document did not come from {waiting.Fetch.Peer} within {Seconds(FetchPatience)}: submit it again");
    }

    private void TakeSubmission(ReadOnlyMemory<byte> document)
    {
        var (message, wanted) = submission!;
        submission = null;
        if (!IsCoordinator) return;
        submitted = new SubmittedDocument(message.OperationId, wanted.Version, wanted.Hash, document);
        Begin(message.OperationId, message.Command, message.RequestedAt);
    }

    private void Configure(string id, OperatorCommand command, ReadOnlyMemory<byte> document)
    {
        // Another one may have been adopted since it was submitted.
        if (RefuseVersion(command) is { } conflicting)
        {
            End(id, OperationState.Failed, conflicting.Detail);
            return;
        }

        var reading = ConfigurationReader.Read(document, Facts);
        if (reading.Document is not { } good) End(id, OperationState.Failed, Rejection(reading).Detail);
        else AdoptNext(good, command);
    }

    private void RollBack(string id, OperatorCommand command)
    {
        var version = VersionOf(command.ToVersion);
        if (history.Find(version) is not { } record)
        {
            End(id, OperationState.Failed, $"version {version} is not kept on {options.LocalNode}, which coordinates");
            return;
        }

        // What fitted then may not fit the ha.cf of today.
        var reading = ConfigurationReader.Read(ConfigurationText.Write(record.Document), Facts);
        if (reading.Document is not { } good) End(id, OperationState.Failed, Rejection(reading).Detail);
        else AdoptNext(good, command);
    }

    // Newer than what any member has: that ends a conflict as well.
    private void AdoptNext(ConfigurationDocument document, OperatorCommand command)
    {
        var known = MemberOffers();
        var next = history.Next(document, known.Max(one => one.Offer.Version));
        Adopt(next, DocumentCompiler.Compile(next, options.Nodes),
            new ConfigurationOrigin(command.Actor, now.Wall, command.Reason),
            [.. known.Select(one => new ConfigurationAncestor(one.Offer.Version, one.Offer.Hash))]);
    }

    private static ConfigurationVersion VersionOf(string? text) =>
        text is not null && ConfigurationVersion.TryParse(text, out var version) ? version : ConfigurationVersion.None;

    // When all is at rest: a change has failed where a member could not follow it.
    private string? WhoRefuses()
    {
        var refusing = peers.Where(peer => view!.Contains(peer.Member) && Refuses(peer.Index)).ToList();
        return refusing.Count == 0 ? null : $"version {configuration.Version} holds, but not everywhere: "
            + string.Join("; ", refusing.Select(peer => $"{peer.Name} cannot run it: {peer.Report!.Refused!.Why}"));
    }

    /// <summary>A document that an operator gave to this node.</summary>
    private sealed record SubmittedDocument(
        string Operation, ConfigurationVersion Version, string Hash, ReadOnlyMemory<byte> Text);

    /// <summary>A document that the coordinator fetches from the member that took it.</summary>
    private sealed record Submission(CommandMessage Message, ConfigurationFetch Fetch);
}
