using Microsoft.Diagnostics.Runtime;
using Midstream.Core.Modules;

namespace Midstream.Roots;

/// <summary>Writes the ways to what was reached for people.</summary>
internal sealed class PathNames(ClrHeap heap, StaticNames statics, IReadOnlyDictionary<ulong, Step> steps)
{
    private const int MembersMax = 6;
    private const int MembersFirst = 2;
    private const string Anchor = "LoaderAllocator";

    /// <summary>Looks up what it needs of the static fields that these are held by.</summary>
    public void Prepare(IEnumerable<ulong> reached) => statics.Prepare(
        reached.Where(one => one != 0).Select(WayTo).Select(way => SlotOf(way)).Where(slot => slot != 0).Distinct().ToList());

    public UnloadCulprit Describe(Reached reached)
    {
        if (reached.Object == 0)
            return new UnloadCulprit(reached.Holder!, reached.Held!, Cures.Thread);
        var way = WayTo(reached.Object);
        var root = steps[way[0]].Root!;
        var members = way.Zip(way.Skip(1), Member).ToList();
        if (SlotOf(way) is var slot and not 0 && statics.At(slot) is { } field)
        {
            root = $"Static field {field}";
            members.RemoveAt(0);
        }

        var shown = members.Count <= MembersMax
            ? members : [.. members.Take(MembersFirst), "...", .. members.TakeLast(MembersMax - MembersFirst - 1)];
        return new UnloadCulprit(string.Join(" > ", shown.Prepend(root)), Held(way), Cures.Of(root));
    }

    // From the root on, itself included.
    private List<ulong> WayTo(ulong item)
    {
        var way = new List<ulong>();
        for (var at = item; at != 0; at = steps[at].Before)
            way.Add(at);
        way.Reverse();
        return way;
    }

    // Where in an array of the runtime's own the second object of a way lies; 0 when it does not begin in one.
    private ulong SlotOf(List<ulong> way)
    {
        if (way.Count < 2 || heap.GetObject(way[0]) is not { IsArray: true } array || Names.Of(array.Type) != "System.Object[]")
            return 0;
        var items = array.AsArray();
        for (var i = 0; i < items.Length; i++)
        {
            var slot = array.Type!.GetArrayElementAddress(array.Address, i);
            if (heap.Runtime.DataTarget.DataReader.ReadPointer(slot, out var value) && value == way[1])
                return slot;
        }

        return 0;
    }

    private string Member(ulong owner, ulong item)
    {
        var holder = heap.GetObject(owner);
        var field = holder.EnumerateReferencesWithFields(carefully: true, considerDependantHandles: true)
            .FirstOrDefault(one => one.Object.Address == item);
        var name = field.IsArrayElement ? "[]" : field.IsDependentHandle ? "(conditional weak table)" : NameOf(field);
        return $"{Names.Of(holder.Type)}.{name}";
    }

    private static string NameOf(ClrReference reference) =>
        reference.InnerField is { } inner ? $"{reference.Field?.Name}.{NameOf(inner)}" : reference.Field?.Name ?? "?";

    // What is reached may be no object of the module's, but what keeps all of its types: then who refers to it says more.
    private string Held(List<ulong> way)
    {
        var held = heap.GetObject(way[^1]);
        if (held.Type?.Name?.EndsWith(Anchor, StringComparison.Ordinal) == true && way.Count > 1)
            return heap.GetObject(way[^2]) is { IsRuntimeType: true } type
                ? $"the type {Names.Of(type.AsRuntimeType())}" : $"its types, by {Names.Of(heap.GetObject(way[^2]).Type)}";
        return Names.Of(held.Type);
    }
}
