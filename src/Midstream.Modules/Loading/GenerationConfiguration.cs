using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Midstream.Modules.Loading;

/// <summary>A generation's own copy of its section. What it registers for changes hangs on the copy, so that the host's
/// configuration does not keep it in memory.</summary>
internal sealed class GenerationConfiguration : IDisposable
{
    private readonly CopyProvider _provider = new();
    private readonly ConfigurationRoot _root;
    private readonly IDisposable _following;

    public GenerationConfiguration(IConfiguration section)
    {
        _provider.Take(section);
        _root = new ConfigurationRoot([_provider]);
        _following = ChangeToken.OnChange(section.GetReloadToken, () => _provider.Take(section));
    }

    public IConfiguration Root => _root;

    public void Dispose()
    {
        _following.Dispose();
        _root.Dispose();
    }

    private sealed class CopyProvider : ConfigurationProvider
    {
        public void Take(IConfiguration section)
        {
            Data = section.AsEnumerable(makePathsRelative: true)
                .ToDictionary(entry => entry.Key, entry => entry.Value, StringComparer.OrdinalIgnoreCase);
            OnReload();
        }
    }
}
