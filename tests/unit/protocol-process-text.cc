// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/process-text.h"
}

namespace
{

// Of a shell in a terminal, up to and beyond the start (field 22).
std::string
stat_text (const std::string &name, const std::string &parent = "1")
{
  return "4711 (" + name + ") S " + parent +
         " 4711 4700 34816 4711 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 10000 20\n";
}

std::string
text_or_none (char *text)
{
  return text != nullptr ? take_text (text) : "none";
}

struct NameCase
{
  const char *name, *text;
};

struct TextCase
{
  const char *name, *text, *want;
};

} // namespace

class ProcessName : public testing::TestWithParam<NameCase>
{
};

// The name is the process's own: what is behind the last bracket counts.
TEST_P (ProcessName, IsTakenWhateverItHolds)
{
  std::string text = stat_text (GetParam ().text);
  BfyProcessStat stat;

  ASSERT_TRUE (bfy_process_parse_stat (text.data (), text.size (), &stat));
  EXPECT_STREQ (stat.name, GetParam ().text);
  EXPECT_EQ (stat.state, 'S');
  EXPECT_EQ (stat.parent, 1);
  EXPECT_EQ (stat.session, 4700);
  EXPECT_EQ (stat.terminal, 34816);
  EXPECT_EQ (stat.started_at, 987654u);
}

INSTANTIATE_TEST_SUITE_P (Names,
                          ProcessName,
                          testing::Values (NameCase{ "Plain", "zsh" },
                                           NameCase{ "Empty", "" },
                                           NameCase{ "Blanks", "tmux: server" },
                                           NameCase{ "Brackets", "a) R 1 (b" },
                                           NameCase{ "Forged", "x) S 99 1 1 1 1 1" },
                                           NameCase{ "LineEnd", "a\nb" }),
                          case_name<NameCase>);

class ProcessStat : public testing::TestWithParam<NameCase>
{
};

TEST_P (ProcessStat, RefusesWhatIsNone)
{
  std::string text = GetParam ().text;
  BfyProcessStat stat;

  EXPECT_FALSE (bfy_process_parse_stat (text.data (), text.size (), &stat)) << text;
}

INSTANTIATE_TEST_SUITE_P (
    Texts,
    ProcessStat,
    testing::Values (
        NameCase{ "Empty", "" },
        NameCase{ "NoBrackets", "4711 zsh S 1 2 3" },
        NameCase{ "NotOpened", "4711 zsh) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20" },
        NameCase{ "EndsWithName", "4711 (zsh)" },
        NameCase{ "EndsWithState", "4711 (zsh) S" },
        NameCase{ "NoState", "4711 (zsh) 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21" },
        NameCase{ "TooFew", "4711 (zsh) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18" },
        NameCase{ "Words", "4711 (zsh) S one 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19" },
        NameCase{ "Huge", "4711 (zsh) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 "
                          "99999999999999999999999" },
        NameCase{ "ParentTooLarge", "4711 (zsh) S 4294967297 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 "
                                    "17 18 19" },
        NameCase{
            "NameTooLong",
            "4711 (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) S "
            "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19" }),
    case_name<NameCase>);

class ProcessScope : public testing::TestWithParam<TextCase>
{
};

TEST_P (ProcessScope, NamesTheApplication)
{
  std::string text = GetParam ().text;

  EXPECT_EQ (text_or_none (bfy_process_parse_scope (text.data (), text.size ())), GetParam ().want);
}

#define USER "0::/user.slice/user-1000.slice/user@1000.service/app.slice/"

INSTANTIATE_TEST_SUITE_P (
    Groups,
    ProcessScope,
    testing::Values (
        TextCase{ "Scope", USER "app-gnome-org.gnome.Terminal-4711.scope\n", "org.gnome.Terminal" },
        TextCase{ "NoLauncher", USER "app-firefox-4711.scope\n", "firefox" },
        TextCase{ "NoNumber", USER "app-firefox.scope\n", "firefox" },
        TextCase{ "Service", USER "app-gnome-org.kde.kate@autostart.service\n", "org.kde.kate" },
        TextCase{ "Escaped", USER "app-flatpak-com.visualstudio.code\\x2doss-7.scope\n",
                  "com.visualstudio.code-oss" },
        TextCase{ "TerminalTab", USER "app-org.gnome.Terminal.slice/vte-spawn-5f0c.scope\n",
                  "org.gnome.Terminal" },
        TextCase{ "Unit", USER "backup.service\n", "backup.service" },
        TextCase{ "Session", "0::/user.slice/user-1000.slice/session-2.scope\n",
                  "session-2.scope" },
        TextCase{ "OldHierarchy",
                  "12:pids:/x\n1:name=systemd:/user.slice/app-kitty-9.scope\n0::/\n", "kitty" },
        TextCase{ "HierarchyThatIsNotInUse",
                  "9:name=systemd:/\n4:memory:/x\n0::/app-kitty-9.scope\n", "kitty" },
        TextCase{ "TwoHierarchies", "1:name=systemd:/app-foot-9.scope\n0::/app-kitty-9.scope\n",
                  "foot" },
        TextCase{ "ManagerAlone", "0::/user.slice/user-1000.slice/user@1000.service/init.scope\n",
                  "none" },
        TextCase{ "Container", "0::/\n", "none" },
        TextCase{ "Empty", "", "none" },
        TextCase{ "NoName", USER "app-.scope\n", "app-.scope" },
        TextCase{ "Dashes", USER "app---.scope\n", "app---.scope" },
        TextCase{ "NulEscape", USER "app-a\\x00b-1.scope\n", "a\\x00b" },
        TextCase{ "BadBytes", USER "app-a\\xffb-1.scope\n",
                  "a\xef\xbf\xbd"
                  "b" },
        TextCase{ "CutEscape", USER "app-a\\x2-1.scope\n", "a\\x2" }),
    case_name<TextCase>);

class ProcessSnap : public testing::TestWithParam<TextCase>
{
};

TEST_P (ProcessSnap, NamesTheSnap)
{
  std::string text = GetParam ().text;

  EXPECT_EQ (text_or_none (bfy_process_parse_snap (text.data (), text.size ())), GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Groups,
    ProcessSnap,
    testing::Values (TextCase{ "Scope", USER "snap.firefox.firefox-5f0c-11.scope\n", "firefox" },
                     TextCase{ "Service", "0::/system.slice/snap.lxd.daemon.service\n", "lxd" },
                     TextCase{ "Parallel", USER "snap.code_two.code-1.scope\n", "code_two" },
                     TextCase{ "Label", "snap.firefox.firefox (enforce)\n", "firefox" },
                     TextCase{ "None", USER "app-firefox-1.scope\n", "none" },
                     TextCase{ "Folder", "0::/snap.evil.x/init.scope\n", "none" },
                     TextCase{ "NoName", USER "snap..x.scope\n", "none" },
                     TextCase{ "Blank", USER "snap.a b.x.scope\n", "none" },
                     TextCase{ "Unconfined", "unconfined\n", "none" },
                     TextCase{ "Short", "sn", "none" },
                     TextCase{ "Empty", "", "none" }),
    case_name<TextCase>);

class ProcessFlatpak : public testing::TestWithParam<TextCase>
{
};

TEST_P (ProcessFlatpak, NamesTheApplication)
{
  std::string text = GetParam ().text;

  EXPECT_EQ (text_or_none (bfy_process_parse_flatpak (text.data (), text.size ())),
             GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Files,
    ProcessFlatpak,
    testing::Values (
        TextCase{ "Application",
                  "[Application]\nname=org.mozilla.firefox\nruntime=runtime/x\n\n[Instance]\n"
                  "instance-id=1\n",
                  "org.mozilla.firefox" },
        TextCase{ "Runtime", "[Runtime]\nruntime=org.gnome.Sdk\n", "none" },
        TextCase{ "NoName", "[Application]\nruntime=x\n", "none" },
        TextCase{ "EmptyName", "[Application]\nname=\n", "none" },
        TextCase{ "Path", "[Application]\nname=../../x\n", "none" },
        TextCase{ "Newline", "[Application]\nname=org.a\\nb\n", "none" },
        TextCase{ "Cut", "[Application\nname=org.a", "none" },
        TextCase{ "Bytes", "[Application]\nname=\xff\xfe\n", "none" },
        TextCase{ "Empty", "", "none" }),
    case_name<TextCase>);

TEST (ProcessScript, IsTheFirstArgumentThatIsNoOption)
{
  auto script = [] (std::string text) {
    return text_or_none (bfy_process_parse_script (text.data (), text.size ()));
  };
  using namespace std::string_literals;

  EXPECT_EQ (script ("python3\0/home/a/backup.py\0--all\0"s), "backup.py");
  EXPECT_EQ (script ("node\0cli.js\0"s), "cli.js");
  EXPECT_EQ (script ("python3\0-c\0import os\0"s), "none");
  EXPECT_EQ (script ("zsh\0"s), "none");
  EXPECT_EQ (script ("zsh\0\0"s), "none");
  EXPECT_EQ (script ("node\0cut"s), "none") << "may be longer";
  EXPECT_EQ (script (""s), "none");
  EXPECT_EQ (script ("node\0\xff\xfe\0"s), "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST (ProcessScript, OnlyOfInterpreters)
{
  EXPECT_TRUE (bfy_process_is_interpreter ("/usr/bin/python3.11"));
  EXPECT_TRUE (bfy_process_is_interpreter ("/usr/bin/node"));
  EXPECT_FALSE (bfy_process_is_interpreter ("/usr/bin/claude"));
  EXPECT_FALSE (bfy_process_is_interpreter ("/usr/bin/nodeless"));
}

TEST (ProcessWrapper, CarriesOutWhatItsParentWants)
{
  using namespace std::string_literals;
  auto is_wrapper = [] (const char *program, std::string text) {
    return bfy_process_is_wrapper (program, text.data (), text.size ()) != FALSE;
  };

  EXPECT_TRUE (is_wrapper ("/usr/bin/dash", "sh\0-c\0bindify call\0"s));
  EXPECT_TRUE (is_wrapper ("/bin/zsh", "zsh\0-lc\0x\0"s));
  EXPECT_TRUE (is_wrapper ("/usr/bin/timeout", "timeout\0"
                                               "5\0"s));
  EXPECT_FALSE (is_wrapper ("/usr/bin/zsh", "zsh\0"s)) << "a person types there";
  EXPECT_FALSE (is_wrapper ("/usr/bin/zsh", "-zsh\0"s));
  EXPECT_FALSE (is_wrapper ("/usr/bin/bash", "bash\0script.sh\0-c\0"s));
  EXPECT_FALSE (is_wrapper ("/usr/bin/bash", "bash\0--norc\0"s));
  EXPECT_FALSE (is_wrapper ("/usr/bin/bash", "bash\0-"s));
  EXPECT_FALSE (is_wrapper ("/usr/bin/bash", ""s));
  EXPECT_FALSE (is_wrapper ("/home/a/bash", "bash\0-c\0x\0"s)) << "anybody's";
  EXPECT_FALSE (is_wrapper ("/usr/bin/python3", "python3\0-c\0x\0"s));
}
