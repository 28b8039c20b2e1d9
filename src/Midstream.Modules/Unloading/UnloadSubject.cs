using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Midstream.Modules.Loading;

namespace Midstream.Modules.Unloading;

/// <summary>A load context that was told to go, seen without holding it.</summary>
/// <param name="Context">The context, for as long as it is there.</param>
/// <param name="Name">Its name.</param>
/// <param name="IsPinned">Whether it was loaded for good.</param>
internal sealed record UnloadSubject(WeakReference<AssemblyLoadContext> Context, string Name, bool IsPinned)
{
    // A method that was inlined would leave its references on the caller's stack.
    public bool IsGone
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        get => !Context.TryGetTarget(out _);
    }

    /// <summary>Tells a module's context to go.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static UnloadSubject Unload(LoadedModule loaded, bool isPinned)
    {
        var subject = new UnloadSubject(loaded.Watch(), loaded.Context.Name!, isPinned);
        if (!isPinned)
        {
            FrameworkCaches.Sweep(loaded.Context);
            loaded.Context.Unload();
        }

        return subject;
    }
}
