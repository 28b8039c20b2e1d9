// How a part of the process asks for its replacement, whoever has to bring it about. Internal: the projects are released
// together.

namespace Midstream.HandOver;

/// <summary>Passes on that this process wants another one in its place, without a lost request. Thread-safe.</summary>
internal interface IReplacementWish
{
    /// <summary>Asks. The last reason counts.</summary>
    /// <param name="reason">Why, for people.</param>
    void Ask(string reason);
}
