// From which quantity on how much is taken off: Modules:pricing:Discounts in the configuration, as { "10": 10, "100": 25 }.

using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Shop.Pricing;

public sealed class Discounts
{
    // As the version before had it built in.
    private static readonly KeyValuePair<int, int>[] s_default = [new(10, 10), new(100, 25)];

    private readonly KeyValuePair<int, int>[] _steps;

    private Discounts(KeyValuePair<int, int>[] steps) => _steps = steps;

    public List<string> Names => [.. _steps.Select(step => $"{step.Value} % off {step.Key} or more")];

    public static Discounts Of(IConfiguration configuration)
    {
        var steps = configuration.GetSection("Discounts").GetChildren()
            .Select(step => new KeyValuePair<int, int>(Number(step.Key), Number(step.Value ?? "")))
            .OrderBy(step => step.Key).ToArray();
        return new Discounts(steps.Length == 0 ? s_default : steps);
    }

    public int PercentOff(int quantity) => _steps.LastOrDefault(step => quantity >= step.Key).Value;

    // What is not a number fails the start of this version, and the one that serves goes on.
    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
