// Bengali.

import type { Sentences } from "./en.ts";

export const SENTENCES: Sentences = {
  dear: "প্রিয় {name},",
  ring: "স্কুল অফিসে ফোন করুন: {phone}",
  ask: "স্কুল অফিসে যোগাযোগ করুন",
  didNotAsk: "আপনি যদি এটি না চেয়ে থাকেন, {turn}।",
  address: "ঠিকানা",
  username: "ইউজারনেম",
  password: "পাসওয়ার্ড",
  detailsSubject: "{school}-এর Parent Portal-এর জন্য আপনার লগইন তথ্য",
  detailsIntro:
    "{school}-এর Parent Portal-এর জন্য আপনার লগইন তথ্য এখানে দেওয়া হলো: ঠিকানা (Address), ইউজারনেম (Username) এবং পাসওয়ার্ড (Password)।",
  detailsAfter:
    "পাসওয়ার্ডটি {days} দিন কাজ করবে। প্রথমবার লগইন করার সময় আপনি নিজের পাসওয়ার্ড বেছে নেবেন। আগের পাসওয়ার্ড আর কাজ করবে না।",
  detailsHelp: "আপনি যদি এই ইমেইল আশা না করে থাকেন বা লগইন করতে না পারেন, {turn}।",
  phoneRemovedSubject: "{school}-এর Parent Portal থেকে আপনার ফোন সরানো হয়েছে",
  phoneRemoved:
    "আপনি যে ফোন দিয়ে {school}-এর Parent Portal-এ লগইন করতেন, স্কুল অফিস সেটি সরিয়েছে। সময়: {at}। সেই ফোনের পাসকি (passkey) আর কাজ করবে না। পরের বার লগইন করার সময় আপনাকে টু-ফ্যাক্টর অথেনটিকেশন আবার সেট করতে হবে। আপনার পাসওয়ার্ড একই আছে।",
  passkeysRemovedSubject: "{school}-এর Parent Portal থেকে আপনার পাসকি সরানো হয়েছে",
  passkeysRemoved:
    "আপনি যে পাসকি (passkey) দিয়ে {school}-এর Parent Portal-এ লগইন করতেন, স্কুল অফিস সেগুলো সরিয়েছে। সময়: {at}। এখন ইউজারনেম ও পাসওয়ার্ড দিয়ে লগইন করুন। আপনার পাসওয়ার্ড একই আছে।",
  passkeyAddedSubject: "{school}-এর Parent Portal-এর জন্য একটি পাসকি যোগ করা হয়েছে",
  passkeyAdded:
    "{school}-এর Parent Portal-এ আপনার অ্যাকাউন্টে “{passkey}” নামের একটি পাসকি (passkey) যোগ করা হয়েছে। সময়: {at}। যার কাছে সেই ডিভাইস আছে এবং যে সেটি আনলক করতে পারে, সে আপনার অ্যাকাউন্টে লগইন করতে পারবে।",
  passkeyNotYou: "আপনি যদি এটি না করে থাকেন, {turn}, এবং আপনার পাসওয়ার্ড পরিবর্তন করুন।",
  recoveryCodesSubject: "{school}-এর Parent Portal-এর জন্য নতুন রিকভারি কোড",
  recoveryCodes:
    "{school}-এর Parent Portal-এ আপনার অ্যাকাউন্টের জন্য নতুন রিকভারি কোড তৈরি করা হয়েছে। সময়: {at}। আগের রিকভারি কোডগুলো আর কাজ করবে না।",
  passkeyRemovedSubject: "{school}-এর Parent Portal থেকে একটি পাসকি সরানো হয়েছে",
  passkeyRemoved:
    "{school}-এর Parent Portal-এ আপনার অ্যাকাউন্ট থেকে “{passkey}” নামের পাসকি (passkey) সরানো হয়েছে। সময়: {at}। এটি দিয়ে আর লগইন করা যাবে না।",
  tfaSetUpSubject: "{school}-এর Parent Portal-এর টু-ফ্যাক্টর অথেনটিকেশন সেট করা হয়েছে",
  tfaSetUp:
    "{school}-এর Parent Portal-এ আপনার অ্যাকাউন্টের টু-ফ্যাক্টর অথেনটিকেশন সেট করা হয়েছে। সময়: {at}। লগইন করতে এখন পাসওয়ার্ডের সঙ্গে সেই অ্যাপের একটি কোডও লাগবে।",
  tfaOffSubject: "{school}-এর Parent Portal-এর টু-ফ্যাক্টর অথেনটিকেশন বন্ধ করা হয়েছে",
  tfaOff:
    "স্কুল অফিস {school}-এর Parent Portal-এ আপনার অ্যাকাউন্টের টু-ফ্যাক্টর অথেনটিকেশন বন্ধ করেছে। সময়: {at}। লগইন করতে শুধু পাসওয়ার্ডই যথেষ্ট।",
  passwordChangedSubject: "{school}-এর Parent Portal-এর জন্য আপনার পাসওয়ার্ড পরিবর্তন করা হয়েছে",
  passwordChanged:
    "{school}-এর Parent Portal-এ আপনার অ্যাকাউন্টের জন্য নতুন পাসওয়ার্ড বেছে নেওয়া হয়েছে। সময়: {at}। আপনার সব ডিভাইসে আবার লগইন করতে হবে।",
  passwordNotYou:
    "আপনি নিজে করে থাকলে কিছু করার দরকার নেই। না করে থাকলে {turn}, এবং নতুন পাসওয়ার্ড বেছে নিন:",
  letterSubject: "{school}-এর Parent Portal-এর জন্য নতুন কোডসহ একটি চিঠি",
  letter:
    "স্কুল অফিস {school}-এর Parent Portal-এ আপনার অ্যাকাউন্টের জন্য নতুন কোডসহ একটি চিঠি ছাপিয়েছে। সময়: {at}। আগের পাসওয়ার্ড আর কাজ করবে না।",
  linkSubject: "{school}-এর Parent Portal-এর জন্য নতুন পাসওয়ার্ড বেছে নিন",
  link:
    "কেউ, সম্ভবত আপনি, {username} ইউজারনেমের জন্য নতুন পাসওয়ার্ড চেয়েছেন। পাসওয়ার্ড বেছে নিতে এই লিংকটি খুলুন:",
  linkUntil:
    "লিংকটি একবারই কাজ করবে, এই সময় পর্যন্ত: {until}। আপনি ফোনের কোড দিয়ে লগইন করলে সেটি আগের মতোই চাওয়া হবে।",
  linkIgnore: "আপনি যদি এটি না চেয়ে থাকেন, কিছু করবেন না: আপনার পাসওয়ার্ড একই থাকবে। আবার এমন হলে {turn}।",
  usernamesSubject: "{school}-এর Parent Portal-এর জন্য আপনার ইউজারনেম",
  usernameOne: "{school}-এর Parent Portal-এর জন্য আপনার ইউজারনেম:",
  usernameMany: "{school}-এর Parent Portal-এর যেসব ইউজারনেমে এই ইমেইল ঠিকানা আছে:",
  usernamesSignIn: "এখানে লগইন করুন বা নতুন পাসওয়ার্ড বেছে নিন:",
  usernamesIgnore: "আপনি যদি এটি না চেয়ে থাকেন, কিছু করার দরকার নেই। আবার এমন হলে {turn}।",
  tfaRequiredSubject: "{school}-এর Parent Portal-এ এখন টু-ফ্যাক্টর অথেনটিকেশন বাধ্যতামূলক",
  tfaRequired:
    "পরের বার {school}-এর Parent Portal-এ লগইন করার সময় আপনি ফোনের একটি অ্যাপ দিয়ে কোড সেট করবেন। স্কুল অফিস এটি বাধ্যতামূলক করেছে। সময়: {at}।",
  tfaQuestion: "কোনো প্রশ্ন থাকলে {turn}।",
  tfaNotRequiredSubject: "{school}-এর Parent Portal-এ টু-ফ্যাক্টর অথেনটিকেশন আর বাধ্যতামূলক নয়",
  tfaNotRequired:
    "{school}-এর Parent Portal-এ আপনার অ্যাকাউন্টের জন্য ফোনের কোড আর বাধ্যতামূলক নয়। সময়: {at}। লগইন করতে শুধু পাসওয়ার্ডই যথেষ্ট।",
  changedSubject: "{school}-এর Parent Portal-এ আপনার অ্যাকাউন্ট পরিবর্তন করা হয়েছে",
  changed:
    "স্কুল অফিস {school}-এর Parent Portal-এ একটি অ্যাকাউন্ট পরিবর্তন করেছে। সময়: {at}। নাম: {name}। ইউজারনেম: {username}।",
  changedNoEmail: "অ্যাকাউন্টটির আর কোনো ইমেইল ঠিকানা নেই।",
  changedEmail: "এই অ্যাকাউন্টের ইমেইল এখন অন্য ঠিকানায় যায়: {email}।",
  changedUsername: "নতুন ইউজারনেম: {username}।",
  changedPassword: "স্কুল অফিস নতুন পাসওয়ার্ড দিয়েছে।",
  mergedSubject: "{school}-এর Parent Portal-এ এখন আপনার একটিই অ্যাকাউন্ট",
  merged:
    "স্কুল অফিস {school}-এর Parent Portal-এ আপনার দুটি অ্যাকাউন্ট এক করেছে। সময়: {at}। {username} ইউজারনেমের অ্যাকাউন্টটি বন্ধ।",
  mergedKept:
    "এখন থেকে আপনার অন্য অ্যাকাউন্ট {kept} এবং তার পাসওয়ার্ড দিয়ে লগইন করুন। সেখানে দুই অ্যাকাউন্টের শিক্ষার্থীদের দেখা যাবে।",
  mergedHelp: "আপনি যদি এটি আশা না করে থাকেন বা অন্য অ্যাকাউন্টটি আপনার না থাকে, {turn}।",
  languageSaved: "এখন থেকে আমরা আপনাকে বাংলায় লিখব।",
};
