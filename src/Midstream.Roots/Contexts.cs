using Microsoft.Diagnostics.Runtime;

namespace Midstream.Roots;

/// <summary>The load contexts that are looked for, and what is theirs.</summary>
internal sealed class Contexts
{
    private readonly ClrHeap _heap;

    // The context objects and their LoaderAllocator objects, which every type of a context keeps and is kept by.
    private readonly Dictionary<ulong, int> _anchors = [];

    // The handles by which types know their LoaderAllocator.
    private readonly Dictionary<ulong, int> _allocators = [];

    // By method table: one for each type, and far fewer than objects.
    private readonly Dictionary<ulong, int?> _owners = [];

    public Contexts(ClrRuntime runtime, IReadOnlyList<string> names)
    {
        _heap = runtime.Heap;
        Names = names;
        // By their modules, and not by their handles: of a server's collector that adapts, not all of those are listed.
        foreach (var type in runtime.EnumerateModules().Select(FirstType).OfType<ClrType>().Where(type => type.IsCollectible))
        {
            if (!_heap.GetObject(type.AssemblyLoadContextAddress).TryReadStringField("_name", maxLength: null, out var name)
                || IndexOf(name) is not (>= 0 and var index))
                continue;
            _anchors.TryAdd(type.AssemblyLoadContextAddress, index);
            _allocators[type.LoaderAllocatorHandle] = index;
            if (runtime.DataTarget.DataReader.ReadPointer(type.LoaderAllocatorHandle, out var allocator) && allocator != 0)
                _anchors.TryAdd(allocator, index);
        }
    }

    public IReadOnlyList<string> Names { get; }

    public bool AnyInMemory => _anchors.Count > 0;

    public bool IsInMemory(int index) => _anchors.ContainsValue(index);

    /// <summary>Tells whether an object is a context, or what keeps all of its types.</summary>
    public bool IsAnchor(ulong item) => _anchors.ContainsKey(item);

    /// <summary>Finds whose an object is.</summary>
    /// <returns>The context's index; null when it is of none of them.</returns>
    public int? OwnerOf(ulong item)
    {
        if (_anchors.TryGetValue(item, out var index))
            return index;
        if (!_heap.Runtime.DataTarget.DataReader.ReadPointer(item, out var table))
            return null;
        // The collector marks in the lowest bits.
        table &= ~7UL;
        if (!_owners.TryGetValue(table, out var owner))
            _owners[table] = owner = OwnerOf(_heap.GetTypeByMethodTable(table));
        return owner;
    }

    /// <summary>Finds whose a type is.</summary>
    public int? OwnerOf(ClrType? type) =>
        type is { IsCollectible: true } && _allocators.TryGetValue(type.LoaderAllocatorHandle, out var index) ? index : null;

    private int IndexOf(string? name)
    {
        for (var i = 0; i < Names.Count; i++)
        {
            if (Names[i] == name)
                return i;
        }

        return -1;
    }

    private ClrType? FirstType(ClrModule module) => module.EnumerateTypeDefToMethodTableMap()
        .Select(one => _heap.GetTypeByMethodTable(one.MethodTable)).FirstOrDefault(type => type is not null);
}
