using Microsoft.Diagnostics.Runtime;

namespace Midstream.Roots;

/// <summary>Finds the static field whose value lies at an address. The runtime keeps such values in arrays of its own, so a path
/// that begins in one says nothing by itself.</summary>
internal sealed class StaticNames(ClrRuntime runtime, Func<bool> isTimeOver)
{
    private readonly Dictionary<ulong, string?> _names = [];

    /// <summary>Looks for the fields at these addresses, as long as there is time.</summary>
    public void Prepare(IEnumerable<ulong> addresses)
    {
        foreach (var address in addresses)
            _names.TryAdd(address, null);
        if (_names.Count == 0)
            return;
        foreach (var type in runtime.EnumerateModules().SelectMany(module => module.EnumerateTypesWithStaticFields()))
        {
            if (isTimeOver())
                return;
            foreach (var field in type.StaticFields.Where(field => field.IsObjectReference))
                Note(type, field);
        }
    }

    public string? At(ulong address) => _names.GetValueOrDefault(address);

    private void Note(ClrType type, ClrStaticField field)
    {
        var address = runtime.AppDomains.Select(field.GetAddress).FirstOrDefault(_names.ContainsKey);
        if (address != 0)
            _names[address] = $"{Names.Of(type)}.{field.Name}";
    }
}
