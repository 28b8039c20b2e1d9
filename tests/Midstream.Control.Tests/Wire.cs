// The JSON on the wire, as approved.

using Midstream.TestKit;

namespace Midstream.Control.Tests;

internal static class Wire
{
    internal static void Verify(string name, IEnumerable<string> lines) =>
        Approval.Verify("Midstream.Control.Tests", name, lines, "an old peer still understands it");
}
