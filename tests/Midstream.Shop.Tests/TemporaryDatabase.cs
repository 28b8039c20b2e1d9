// A database file of its own for each test, gone afterwards.

namespace Midstream.Shop.Tests;

internal sealed class TemporaryDatabase : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("shop-tests-");

    public string Path => System.IO.Path.Combine(_directory.FullName, "shop.db");

    public void Dispose() => _directory.Delete(recursive: true);
}
