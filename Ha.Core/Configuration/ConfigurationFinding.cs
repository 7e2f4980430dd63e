namespace Ha.Core.Configuration;

/// <summary>Something wrong, or worth knowing, in a configuration file: where, and what to write instead.</summary>
/// <param name="Severity">Errors keep the daemon from starting.</param>
/// <param name="File">Path of the file.</param>
/// <param name="Line">Line, from 1; 0 when it concerns the file as a whole.</param>
/// <param name="Directive">The directive or word it is about; empty when it concerns the file as a whole.</param>
/// <param name="Problem">What is wrong, without a final stop.</param>
/// <param name="Advice">What to write or do instead, without a final stop.</param>
public sealed record ConfigurationFinding(
    FindingSeverity Severity, string File, int Line, string Directive, string Problem, string Advice)
{
    /// <summary><c>FILE:LINE: directive: problem; advice</c>.</summary>
    public override string ToString()
    {
        var place = Line > 0 ? $"{File}:{Line}" : File;
        var about = Directive.Length > 0 ? $" {Directive}:" : "";
        return $"{place}:{about} {Problem}; {Advice}";
    }
}

/// <summary>How bad a finding is.</summary>
public enum FindingSeverity
{
    /// <summary>The daemon starts; the operator should know.</summary>
    Warning = 0,

    /// <summary>The daemon refuses to start (exit code 6).</summary>
    Error = 1,
}
