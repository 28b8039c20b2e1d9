namespace Midstream.HandOver;

/// <summary>Who is in charge of a state, from one moment to the next.</summary>
/// <param name="rule">Who.</param>
/// <param name="authority">The process to ask, when it is another one.</param>
/// <param name="mirror">Who is told of changes, when it is this one.</param>
/// <param name="version">The version of the format in which the two talk.</param>
internal sealed class Reign(Rule rule, IStateAuthority? authority = null, IStateMirror? mirror = null, int version = 0)
{
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Rule Rule { get; } = rule;

    public IStateAuthority? Authority { get; } = authority;

    public IStateMirror? Mirror { get; } = mirror;

    public int Version { get; } = version;

    /// <summary>Gets a task that ends when the next reign has begun.</summary>
    public Task Over => _over.Task;

    public void End() => _over.TrySetResult();
}

/// <summary>Who may read and write here.</summary>
internal enum Rule
{
    /// <summary>This process reads and writes.</summary>
    Here,

    /// <summary>This process reads; writers wait.</summary>
    Frozen,

    /// <summary>Everybody waits.</summary>
    Nobody,

    /// <summary>The other process is asked.</summary>
    There,
}
