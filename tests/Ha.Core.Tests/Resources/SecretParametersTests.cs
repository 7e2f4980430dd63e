using System.Collections.Immutable;
using Ha.Core.Resources;

namespace Ha.Core.Tests.Resources;

public sealed class SecretParametersTests
{
    [Theory]
    [InlineData("login with hunter2 refused", "login with *** refused")]
    [InlineData("hunter2hunter2", "******")]
    [InlineData("hunter22 is longer", "*** is longer")]
    [InlineData("user anna, port 5432", "user anna, port 5432")]
    [InlineData("", "")]
    public void ValuesOfSecrets_AreBlottedOut_TheLongestFirst(string text, string expected)
    {
        var parameters = ImmutableSortedDictionary<string, string>.Empty
            .Add("password", "hunter2").Add("admin_Secret", "hunter22").Add("user", "anna");

        Assert.Equal(expected, SecretParameters.Hide(text, parameters));
    }

    [Theory]
    [InlineData("got 42", "got ***")]
    [InlineData("42: wrong (42)", "***: wrong (***)")]
    [InlineData("port 4200, 142", "port 4200, 142")]
    public void ShortValues_AreFoundAsWholeWords(string text, string expected) => Assert.Equal(expected,
        SecretParameters.Hide(text, ImmutableSortedDictionary<string, string>.Empty.Add("token", "42").Add("key", "")));

    [Theory]
    [InlineData("passwd", true)]
    [InlineData("PASSWORD", true)]
    [InlineData("auth_key", true)]
    [InlineData("ip", false)]
    public void Secrets_AreKnownByTheirNames(string name, bool isSecret) =>
        Assert.Equal(isSecret, SecretParameters.IsSecret(name));
}
