// The rule for names, and names made of folders.

using Midstream.Core.Configuration;

namespace Midstream.Core.Tests.Configuration;

public class ServiceNameTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("shop", true)]
    [InlineData("9-lives-", true)]
    [InlineData("", false)]
    [InlineData("-shop", false)]
    [InlineData("Shop", false)]
    [InlineData("shop.web", false)]
    [InlineData("shop\n", false)]
    [InlineData("größe", false)]
    public void IsValid_Name_KeepsTheRule(string name, bool expected)
    {
        Assert.Equal(expected, ServiceName.IsValid(name));
        Assert.Equal(expected, TextRules.ServiceName.Accepts(name));
    }

    [Fact]
    public void IsValid_Length_EndsAt63()
    {
        Assert.True(ServiceName.IsValid(new string('a', 63)));
        Assert.False(ServiceName.IsValid(new string('a', 64)));
    }

    [Theory]
    [InlineData("shop", "shop")]
    [InlineData("/srv/My Shop", "my-shop")]
    [InlineData("/srv/Shop.Web/", "shop-web")]
    [InlineData("__x__", "x")]
    [InlineData("a---b", "a-b")]
    [InlineData("日本", "app")]
    [InlineData("/", "app")]
    [InlineData("", "app")]
    public void FromFolder_Folder_MakesAValidName(string folder, string expected) =>
        Assert.Equal(expected, ServiceName.FromFolder(folder));

    [Fact]
    public void FromFolder_AnyText_IsAlwaysValid()
    {
        for (int seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            string folder = string.Concat(Enumerable.Range(0, random.Next(0, 120)).Select(_ => (char)random.Next(1, 0x250)));
            Assert.True(ServiceName.IsValid(ServiceName.FromFolder(folder)), $"seed {seed}");
        }
    }
}
