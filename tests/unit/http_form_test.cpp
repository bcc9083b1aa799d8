// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/form.h"

#include <gtest/gtest.h>

using namespace panto::http;

namespace
{

using Fields = std::map<std::string, std::string>;
using Values = std::vector<std::string>;

Request form(const std::string &body, const std::string &type = "application/x-www-form-urlencoded")
{
    Request rq;
    rq.body = body;
    rq.content_type_line = type;
    rq.content_type = type.substr(0, type.find(';'));
    return rq;
}

Request multipart(const std::string &body)
{
    return form(body, "multipart/form-data; boundary=cut");
}

std::string part(const std::string &name, const std::string &value)
{
    return "--cut\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value +
           "\r\n";
}

} // namespace

TEST(Form, IsDecoded)
{
    EXPECT_EQ(form_fields(form("Type=power&Duration=800")),
              (Fields{{"Type", "power"}, {"Duration", "800"}}));
    EXPECT_EQ(form_fields(form("text=a+b%26c%3d%C3%A4")), (Fields{{"text", "a b&c=ä"}}));
}

TEST(Form, MayBeEmpty)
{
    EXPECT_EQ(form_fields(form("")), Fields{});
    EXPECT_EQ(form_fields(form("", "")), Fields{});
}

TEST(Form, TakesTheQueryIn)
{
    Request rq = form("b=body&c=body");
    rq.query = {{"a", "query"}, {"b", "query"}};
    EXPECT_EQ(form_fields(rq), (Fields{{"a", "query"}, {"b", "body"}, {"c", "body"}}));
}

TEST(Form, OfSeveralValuesWithANameHasAllOfThem)
{
    EXPECT_EQ(form_values(form("Servers=a&Mode=manual&servers=b%26c&Servers="), "servers"),
              (Values{"a", "b&c", ""}));
    EXPECT_EQ(form_values(multipart(part("Servers", "a") + part("x", "y") + part("Servers", "b") +
                                    "--cut--\r\n"),
                          "servers"),
              (Values{"a", "b"}));
    EXPECT_EQ(form_values(form("a=b"), "servers"), Values{});
}

TEST(Form, SurvivesNonsense)
{
    for (const char *body : {"&", "=", "==&&=", "%", "%zz=%", "a", "a&b&c", "\xff\xfe=\xff"})
        form_fields(form(body));
    EXPECT_EQ(form_fields(form("good=1&%zz=2")).at("good"), "1");
}

TEST(Form, OfSeveralPartsIsDecoded)
{
    const Request rq = multipart(part("Type", "power") + part("Duration", "800") + "--cut--\r\n");
    EXPECT_EQ(form_fields(rq), (Fields{{"Type", "power"}, {"Duration", "800"}}));
}

TEST(Form, OfSeveralPartsKeepsBytesAsTheyAre)
{
    const std::string bytes{"\0\r\n\xff--cu", 8};
    const Request rq = multipart(part("File", bytes) + "--cut--\r\n");
    EXPECT_EQ(form_fields(rq).at("File"), bytes);
}

TEST(Form, OfSeveralPartsSurvivesNonsense)
{
    for (const std::string body :
         {"", "--cut", "--cut--", "--cut\r\n", "--cut\r\n\r\n", "--cut\r\nx\r\n\r\nbody",
          "--cut\r\nContent-Disposition: form-data\r\n\r\nnameless\r\n--cut--\r\n",
          "--cut\r\nContent-Disposition: form-data; name=\r\n\r\nbody\r\n--cut--\r\n",
          "--other\r\n\r\nbody\r\n--other--\r\n"})
        EXPECT_EQ(form_fields(multipart(body)).count("nameless"), 0u) << body;
}

TEST(Form, OfSeveralPartsNeedsABoundary)
{
    EXPECT_EQ(form_fields(form(part("a", "b") + "--cut--\r\n", "multipart/form-data")), Fields{});
}
