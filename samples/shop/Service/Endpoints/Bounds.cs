// One wording for a number that is out of bounds.

namespace Shop.Endpoints;

internal static class Bounds
{
    public static Dictionary<string, string[]> Problem(string name, int least, int most) =>
        new() { [name] = [$"A number from {least} to {most} is needed."] };
}
