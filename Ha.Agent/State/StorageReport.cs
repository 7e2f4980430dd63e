namespace Ha.Agent.State;

/// <summary>
/// Storage stopped or resumed working. Reported once for each change, from the thread that noticed it.
/// </summary>
/// <param name="Subject">What: <c>journal</c>, or the path of a log.</param>
/// <param name="Works">True when it works again.</param>
/// <param name="Sentence">What happened, for the event.</param>
internal sealed record StorageReport(string Subject, bool Works, string Sentence);
