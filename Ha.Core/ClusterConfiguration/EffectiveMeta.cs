using System.Security.Cryptography;
using System.Text;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Policy;
using Ha.Core.Resources;

namespace Ha.Core.ClusterConfiguration;

/// <summary>
/// Meta attributes as the nodes that run a resource need them: its own win over its group's, those over its clone's,
/// those over the defaults.
/// </summary>
internal sealed class EffectiveMeta
{
    private readonly List<ResourceMeta> chain = [];
    private readonly ConfiguredOptions options;

    public EffectiveMeta(ConfigurationDocument document, string resource)
    {
        options = document.Options ?? new ConfiguredOptions();
        Add(document.Resources.FirstOrDefault(one => one.Id == resource)?.Meta);
        var group = document.Groups.FirstOrDefault(one => one.Members.Contains(resource));
        Add(group?.Meta);
        Add(document.Clones.FirstOrDefault(one => one.Resource == resource || one.Resource == group?.Id)?.Meta);
        Add(document.ResourceDefaults);
    }

    /// <summary>What staying where it is counts for.</summary>
    public int Stickiness => chain.Find(one => one.Stickiness is not null)?.Stickiness
        ?? options.Failback switch { true => Score.Stay, false => Score.Infinity, null => 0 };

    /// <summary>Whether of several that run the one in the right place goes on without a stop.</summary>
    public bool KeepsOne => chain.Find(one => one.MultipleActive is not null)?.MultipleActive
        == MultipleActivePolicy.StopUnexpected;

    /// <summary>A definition with what its node must know.</summary>
    public ResourceDefinition Complete(ResourceDefinition definition) => definition with
    {
        FailureTimeout = chain.Find(one => one.FailureTimeout is not null)?.FailureTimeout ?? TimeSpan.Zero,
        StartFailureIsFatal = options.StartFailureIsFatal ?? true,
        IsManaged = (chain.Find(one => one.IsManaged is not null)?.IsManaged ?? true) && !InMaintenance,
        InMaintenance = InMaintenance,
    };

    private bool InMaintenance =>
        chain.Find(one => one.Maintenance is not null)?.Maintenance == true || options.MaintenanceMode == true;

    /// <summary>Tells apart what needs a restart: agent, parameters, arguments.</summary>
    public static string Digest(ConfiguredResource resource)
    {
        var text = new StringBuilder(resource.Type).Append('\n');
        foreach (var (name, value) in resource.Parameters)
            text.Append(name).Append('=').Append(value.Length).Append(':').Append(value).Append('\n');
        foreach (var argument in resource.Arguments) text.Append(argument.Length).Append(':').Append(argument);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 8));
    }

    private void Add(ResourceMeta? meta)
    {
        if (meta is not null) chain.Add(meta);
    }
}
