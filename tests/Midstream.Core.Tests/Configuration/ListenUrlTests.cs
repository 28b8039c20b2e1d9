// What each form of listen URL means.

using Midstream.Core.Configuration;

namespace Midstream.Core.Tests.Configuration;

public class ListenUrlTests
{
    [Theory]
    [InlineData("http://127.0.0.1:5000", "http 127.0.0.1:5000")]
    [InlineData("http://127.0.0.1:5000/", "http 127.0.0.1:5000")]
    [InlineData("HTTP://127.0.0.1:5000", "http 127.0.0.1:5000")]
    [InlineData("http://[::1]:5000", "http [::1]:5000")]
    [InlineData("http://[::ffff:127.0.0.1]:5000", "http 127.0.0.1:5000")]
    [InlineData("http://localhost:5000", "http 127.0.0.1:5000 [::1]:5000")]
    [InlineData("http://LocalHost", "http 127.0.0.1:80 [::1]:80")]
    [InlineData("http://*:5000", "http [::]:5000")]
    [InlineData("http://+:5000", "http [::]:5000")]
    [InlineData("http://[::]:5000", "http [::]:5000")]
    [InlineData("http://0.0.0.0:80", "http 0.0.0.0:80")]
    [InlineData("http://127.0.0.1:0", "http 127.0.0.1:0")]
    [InlineData("http://127.0.0.1", "http 127.0.0.1:80")]
    [InlineData("https://127.0.0.1", "https 127.0.0.1:443")]
    [InlineData("https://[::1]", "https [::1]:443")]
    [InlineData("https://*:65535", "https [::]:65535")]
    [InlineData("unix:/run/shop.sock", "http /run/shop.sock")]
    [InlineData("unix:///run/shop.sock", "http /run/shop.sock")]
    [InlineData("http://unix:/run/shop.sock", "http /run/shop.sock")]
    [InlineData("https://unix:/run/shop.sock", "https /run/shop.sock")]
    [InlineData("udp://127.0.0.1:5353", "udp 127.0.0.1:5353")]
    [InlineData("udp://localhost:5353", "udp 127.0.0.1:5353 [::1]:5353")]
    [InlineData("UDP://*:0", "udp [::]:0")]
    public void Parse_Url_MeansTheseSockets(string url, string expected)
    {
        ListenUrl parsed = ListenUrl.Parse(url);

        Assert.Null(parsed.Error);
        Assert.Equal(expected, $"{parsed.Scheme} {parsed.UnixPath}{string.Join(' ', parsed.EndPoints)}");
    }

    [Theory]
    [InlineData("", "does not begin with a scheme")]
    [InlineData("5000", "does not begin with a scheme")]
    [InlineData("127.0.0.1:5000", "does not begin with a scheme")]
    [InlineData("ftp://127.0.0.1", "has the scheme \"ftp\"")]
    [InlineData("http://127.0.0.1:5000/shop", "a socket has no path")]
    [InlineData("http://127.0.0.1:5000//", "a socket has no path")]
    [InlineData("http://127.0.0.1:5000?x", "a socket has no path")]
    [InlineData("http://127.0.0.1:5000#x", "a socket has no path")]
    [InlineData("http://127.0.0.1:", "has the port \"\"")]
    [InlineData("http://127.0.0.1:65536", "has the port \"65536\"")]
    [InlineData("http://127.0.0.1:-1", "has the port \"-1\"")]
    [InlineData("http://127.0.0.1:99999999999", "has the port \"99999999999\"")]
    [InlineData("udp://127.0.0.1:70000", "write a number from 0 to 65535.")]
    [InlineData("http://::1", "IPv6 address without brackets")]
    [InlineData("http://::1:5000", "IPv6 address without brackets")]
    [InlineData("http://example.com:5000", "names the host \"example.com\"")]
    [InlineData("http://user@127.0.0.1:5000", "names the host \"user@127.0.0.1\"")]
    [InlineData("http://:5000", "names the host \"\"")]
    [InlineData("http://1:5000", "names the host \"1\"")]
    [InlineData("http://0x7f.1:5000", "names the host \"0x7f.1\"")]
    [InlineData("http://[127.0.0.1]:5000", "names the host \"[127.0.0.1]\"")]
    [InlineData("http://[fe80::1%lo]:5000", "names the host \"[fe80::1%lo]\"")]
    [InlineData("http://[]:5000", "names the host \"[]\"")]
    [InlineData("http://[:5000", "names the host \"[\"")]
    [InlineData("http://", "names the host \"\"")]
    [InlineData("http://localhost:0", "asks for any port on two addresses")]
    [InlineData("udp://127.0.0.1", "has no port, and datagrams have no usual one")]
    [InlineData("udp://127.0.0.1:", "has the port \"\"")]
    [InlineData("udp://localhost:0", "asks for any port on two addresses")]
    [InlineData("udp://unix:/run/shop.sock", "asks for datagrams on a path")]
    [InlineData("udp:127.0.0.1:5353", "does not begin with a scheme")]
    [InlineData("unix:", "has no absolute path")]
    [InlineData("unix:/run/a;b.sock", "has a path with a semicolon")]
    [InlineData("unix:/run/a:b.sock", "has a path with a semicolon")]
    [InlineData("unix:run/shop.sock", "has no absolute path")]
    [InlineData("unix:/", "has a path that is not plain")]
    [InlineData("unix:/run/", "has a path that is not plain")]
    [InlineData("unix:/run/../x", "has a path that is not plain")]
    [InlineData("unix:/run/\0", "has a path that is not plain")]
    public void Parse_UrlThatMeansNothing_SaysWhy(string url, string why)
    {
        ListenUrl parsed = ListenUrl.Parse(url);

        Assert.Contains(why, parsed.Error, StringComparison.Ordinal);
        Assert.StartsWith($"\"{url}\" ", parsed.Error, StringComparison.Ordinal);
        Assert.Empty(parsed.EndPoints);
        Assert.Null(parsed.UnixPath);
    }

    [Fact]
    public void Parse_UnixPath_EndsAt107Bytes()
    {
        string longest = "/" + new string('ä', 53); // 1 + 2 * 53 bytes

        Assert.Equal(longest, ListenUrl.Parse($"unix:{longest}").UnixPath);
        Assert.Contains("longer than 107 bytes", ListenUrl.Parse($"unix:{longest}x").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_AnyText_NeverThrows()
    {
        const string Alphabet = "htps:/[]0159.*+unix%@#?\0é";
        for (int seed = 0; seed < 5000; seed++)
        {
            var random = new Random(seed);
            string url = "http://"[..random.Next(0, 8)] + new string(random.GetItems<char>(Alphabet, random.Next(0, 20)));
            ListenUrl parsed = ListenUrl.Parse(url);
            bool meansSockets = parsed.EndPoints.Count > 0 || parsed.UnixPath is not null;
            Assert.True((parsed.Error is null) == meansSockets, $"seed {seed}: {url}");
        }
    }
}
