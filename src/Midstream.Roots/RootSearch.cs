using Microsoft.Diagnostics.Runtime;
using Midstream.Core.Modules;

namespace Midstream.Roots;

/// <summary>
/// Goes from all roots of the garbage collector (stacks, handles, static fields, the finalizer's queue) along the references to
/// the first objects of some load contexts, and names the way to each.
/// </summary>
internal sealed class RootSearch
{
    private const int CulpritsMax = 10;
    private const int FramesMax = 200;
    private const int LooksBetweenClocks = 4096;

    // Not all that the library takes for strong is: there are kinds that it does not know, and dependent ones are followed.
    private static readonly ClrHandleKind[] s_strong =
    [
        ClrHandleKind.Strong, ClrHandleKind.Pinned, ClrHandleKind.AsyncPinned, ClrHandleKind.RefCounted, ClrHandleKind.SizedRef,
    ];

    private readonly ClrRuntime _runtime;
    private readonly Func<bool> _isTimeOver;
    private readonly Contexts _contexts;
    private readonly ThreadNames _threads;
    private readonly Dictionary<ulong, Step> _steps = [];
    private readonly Queue<ulong> _queue = new();
    private readonly List<Reached> _reached = [];

    /// <param name="runtime">The runtime of a process that stands still.</param>
    /// <param name="names">The contexts' names.</param>
    /// <param name="isTimeOver">Tells when to come to an end.</param>
    public RootSearch(ClrRuntime runtime, IReadOnlyList<string> names, Func<bool> isTimeOver)
    {
        _runtime = runtime;
        _isTimeOver = isTimeOver;
        _contexts = new Contexts(runtime, names);
        _threads = new ThreadNames(runtime);
    }

    /// <summary>Gets whether all that is reachable was looked at.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Looks.</summary>
    /// <returns>What was found of each context.</returns>
    public IReadOnlyList<ContextRoots> Find()
    {
        if (_contexts.AnyInMemory)
        {
            AddStacks();
            AddHandles();
            AddOthers();
        }

        IsComplete = Follow();
        var names = new PathNames(_runtime.Heap, new StaticNames(_runtime, _isTimeOver), _steps);
        names.Prepare(_reached.Select(one => one.Object));
        return [.. _contexts.Names.Select((name, index) => new ContextRoots(
            name, _contexts.IsInMemory(index), CulpritsOf(name, index, names)))];
    }

    private List<UnloadCulprit> CulpritsOf(string name, int index, PathNames names)
    {
        List<UnloadCulprit> found =
            [.. _reached.Where(one => one.Context == index).Select(names.Describe).Distinct().Take(CulpritsMax)];
        return found.Count > 0 || !IsComplete || !_contexts.IsInMemory(index) ? found
            : [new UnloadCulprit("not found", name, _runtime.Heap.IsServer ? Cures.NotListed : Cures.NothingHolds)];
    }

    private void AddStacks()
    {
        foreach (var thread in _runtime.Threads.Where(thread => thread.IsAlive))
        {
            var name = _threads.Of(thread);
            foreach (var frame in thread.EnumerateStackTrace(includeContext: false, FramesMax))
            {
                if (frame.Method is { } method && _contexts.OwnerOf(method.Type) is { } context)
                    _reached.Add(new Reached(context, 0, $"{name}: {Names.Of(method)} runs", Names.Of(method)));
            }

            // What a method of the module's has in hand is held by its frame, which is told of.
            foreach (var root in thread.EnumerateStackRoots()
                .Where(root => _contexts.OwnerOf(root.StackFrame?.Method?.Type) is null))
                Add(root.Object.Address, $"{name}: {Names.Of(root.StackFrame?.Method) ?? "native code"}");
        }
    }

    // The context itself is held by the runtime until its types are gone: that handle keeps nothing.
    private void AddHandles()
    {
        foreach (var handle in _runtime.EnumerateHandles()
            .Where(handle => s_strong.Contains(handle.HandleKind) && !_contexts.IsAnchor(handle.Object.Address)))
            Add(handle.Object.Address, $"GC handle ({Names.Of(handle.HandleKind)})");
    }

    private void AddOthers()
    {
        foreach (var root in _runtime.Heap.EnumerateFinalizerRoots().Concat(_runtime.Heap.EnumerateAdditionalRoots()))
            Add(root.Object.Address, Names.Of(root.RootKind));
    }

    private void Add(ulong item, string root) => Visit(item, new Step(0, root));

    // Breadth first, so that the way to each object is among the shortest.
    private bool Follow()
    {
        for (var looks = 0; _queue.TryDequeue(out var at); looks++)
        {
            if (looks % LooksBetweenClocks == 0 && _isTimeOver())
                return false;
            foreach (var item in _runtime.Heap.GetObject(at).EnumerateReferences(
                carefully: true, considerDependantHandles: true))
                Visit(item.Address, new Step(at, null));
        }

        return true;
    }

    private void Visit(ulong item, Step step)
    {
        if (item == 0 || !_steps.TryAdd(item, step))
            return;
        if (_contexts.OwnerOf(item) is { } context)
            _reached.Add(new Reached(context, item, null, null));
        else
            _queue.Enqueue(item);
    }
}

/// <summary>How an object was come to.</summary>
/// <param name="Before">The object that refers to it; 0 at a root.</param>
/// <param name="Root">The root; null on the way.</param>
internal readonly record struct Step(ulong Before, string? Root);

/// <summary>A first object of a context, or a method of it that runs.</summary>
/// <param name="Context">The context's index.</param>
/// <param name="Object">The object; 0 for a method.</param>
/// <param name="Holder">Who holds a method.</param>
/// <param name="Held">The method.</param>
internal sealed record Reached(int Context, ulong Object, string? Holder, string? Held);
