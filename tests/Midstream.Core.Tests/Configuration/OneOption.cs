// Writes files that set one option, with what else the option needs to be right.

using Midstream.Core.Configuration;

namespace Midstream.Core.Tests.Configuration;

internal static class OneOption
{
    /// <summary>Writes a file that sets one option to a JSON value.</summary>
    public static string File(string key, string value)
    {
        ConfigOption option = ConfigOptions.Get(key);
        string member = $"\"{option.Name}\": {value}";
        return option.Section switch
        {
            "" => $"{{{member}}}",
            "listen[]" => $"{{\"listen\": [{{{Needed(option, "\"url\": \"unix:/run/s\"")}{member}}}]}}",
            "warm_up[]" => $"{{\"warm_up\": [{{{Needed(option, "\"path\": \"/\"")}{member}}}]}}",

            // The bounds of the delays depend on each other; the other one must not be in the way.
            "restart" when option.Name == "delay_min_ms" => $"{{\"restart\": {{{member}, \"delay_max_ms\": 86400000}}}}",
            "restart" when option.Name == "delay_max_ms" => $"{{\"restart\": {{{member}, \"delay_min_ms\": 1}}}}",
            _ => $"{{\"{option.Section}\": {{{member}}}}}",
        };
    }

    private static string Needed(ConfigOption option, string other) => option.IsRequired ? "" : $"{other}, ";
}
