// Arabic, from right to left; forms that fit women and men alike.

import type { Sentences } from "./en.ts";

export const SENTENCES: Sentences = {
  dear: "مرحبًا {name}،",
  ring: "يُرجى الاتصال بمكتب المدرسة: {phone}",
  ask: "يُرجى التواصل مع مكتب المدرسة",
  didNotAsk: "إذا لم يكن هذا بطلب منك، {turn}.",
  address: "العنوان",
  username: "اسم المستخدم",
  password: "كلمة المرور",
  detailsSubject: "بيانات دخولك إلى Parent Portal في {school}",
  detailsIntro:
    "هذه بيانات دخولك إلى Parent Portal في {school}: العنوان (Address) واسم المستخدم (Username) وكلمة المرور (Password).",
  detailsAfter:
    "مدة صلاحية كلمة المرور بالأيام: {days}. عند أول دخول يكون عليك اختيار كلمة مرور خاصة بك. كلمة المرور السابقة لم تعد صالحة.",
  detailsHelp: "إذا لم تكن هذه الرسالة متوقعة أو تعذّر الدخول، {turn}.",
  phoneRemovedSubject: "أُزيل هاتفك من Parent Portal في {school}",
  phoneRemoved:
    "أزال مكتب المدرسة الهاتف المستخدم لدخولك إلى Parent Portal في {school}، بتاريخ {at}. ومفاتيح المرور (passkeys) الموجودة عليه لم تعد صالحة أيضًا. عند الدخول القادم يلزم إعداد المصادقة الثنائية من جديد. كلمة المرور لم تتغير.",
  passkeysRemovedSubject: "أُزيلت مفاتيح مرورك من Parent Portal في {school}",
  passkeysRemoved:
    "أزال مكتب المدرسة مفاتيح المرور (passkeys) المستخدمة لدخولك إلى Parent Portal في {school}، بتاريخ {at}. الدخول الآن باسم المستخدم وكلمة المرور. كلمة المرور لم تتغير.",
  passkeyAddedSubject: "أُضيف مفتاح مرور إلى Parent Portal في {school}",
  passkeyAdded:
    "أُضيف إلى حسابك في Parent Portal في {school} مفتاح مرور (passkey) باسم «{passkey}» بتاريخ {at}. كل من لديه هذا الجهاز ويستطيع فتح قفله يمكنه الدخول بحسابك.",
  passkeyNotYou: "إذا لم يكن ذلك بفعلك، {turn}، ثم تغيير كلمة المرور.",
  recoveryCodesSubject: "رموز استرداد جديدة لـ Parent Portal في {school}",
  recoveryCodes:
    "أُنشئت رموز استرداد جديدة لحسابك في Parent Portal في {school}، بتاريخ {at}. رموز الاسترداد السابقة لم تعد صالحة.",
  passkeyRemovedSubject: "أُزيل مفتاح مرور من Parent Portal في {school}",
  passkeyRemoved:
    "أُزيل من حسابك في Parent Portal في {school} مفتاح المرور (passkey) المسمى «{passkey}»، بتاريخ {at}. لم يعد هذا المفتاح يفتح البوابة.",
  tfaSetUpSubject: "تم إعداد المصادقة الثنائية في Parent Portal في {school}",
  tfaSetUp:
    "تم إعداد المصادقة الثنائية لحسابك في Parent Portal في {school}، بتاريخ {at}. يتطلب الدخول الآن، إضافة إلى كلمة المرور، رمزًا من التطبيق الذي أُعدّت به.",
  tfaOffSubject: "أُوقفت المصادقة الثنائية في Parent Portal في {school}",
  tfaOff:
    "أوقف مكتب المدرسة المصادقة الثنائية لحسابك في Parent Portal في {school}، بتاريخ {at}. كلمة المرور وحدها تكفي للدخول.",
  passwordChangedSubject: "تغيّرت كلمة مرورك في Parent Portal في {school}",
  passwordChanged:
    "اختيرت كلمة مرور جديدة لحسابك في Parent Portal في {school} بتاريخ {at}. يلزم الدخول من جديد على كل أجهزتك.",
  passwordNotYou: "إذا كان ذلك بفعلك فلا حاجة إلى أي شيء. وإلا {turn}، ثم اختيار كلمة مرور جديدة:",
  letterSubject: "رسالة مطبوعة برمز جديد لحسابك في Parent Portal في {school}",
  letter:
    "طبع مكتب المدرسة رسالة برمز جديد لحسابك في Parent Portal في {school}، بتاريخ {at}. كلمة المرور السابقة لم تعد صالحة.",
  linkSubject: "اختيار كلمة مرور جديدة لحسابك في Parent Portal في {school}",
  link:
    "وصلنا طلب كلمة مرور جديدة لاسم المستخدم {username}، وهو على الأرجح منك. لاختيارها يُرجى فتح هذا الرابط:",
  linkUntil: "يعمل الرابط مرة واحدة، حتى {until}. وإذا كان دخولك برمز من الهاتف فسيُطلب كالمعتاد.",
  linkIgnore:
    "إذا لم يكن هذا بطلب منك فلا حاجة إلى أي شيء: تبقى كلمة المرور كما هي. وإذا تكرر ذلك، {turn}.",
  usernamesSubject: "اسم المستخدم الخاص بك في Parent Portal في {school}",
  usernameOne: "هذا اسم المستخدم الخاص بك في Parent Portal في {school}:",
  usernameMany: "هذه أسماء المستخدمين في Parent Portal في {school} المرتبطة بهذا البريد الإلكتروني:",
  usernamesSignIn: "للدخول أو لاختيار كلمة مرور جديدة:",
  usernamesIgnore: "إذا لم يكن هذا بطلب منك فلا حاجة إلى أي شيء. وإذا تكرر ذلك، {turn}.",
  tfaRequiredSubject: "المصادقة الثنائية أصبحت مطلوبة في Parent Portal في {school}",
  tfaRequired:
    "عند دخولك القادم إلى Parent Portal في {school} يلزم إعداد رمز من تطبيق على هاتفك. طلب مكتب المدرسة ذلك بتاريخ {at}.",
  tfaQuestion: "إذا كان لديك سؤال، {turn}.",
  tfaNotRequiredSubject: "المصادقة الثنائية لم تعد مطلوبة في Parent Portal في {school}",
  tfaNotRequired:
    "منذ {at} لم يعد مكتب المدرسة يطلب رمزًا من الهاتف لحسابك في Parent Portal في {school}. كلمة المرور وحدها تكفي للدخول.",
  changedSubject: "تغيّر حسابك في Parent Portal في {school}",
  changed:
    "غيّر مكتب المدرسة بتاريخ {at} حسابًا في Parent Portal في {school}. الاسم: {name}. اسم المستخدم: {username}.",
  changedNoEmail: "لم يعد للحساب بريد إلكتروني.",
  changedEmail: "الرسائل الخاصة بهذا الحساب تُرسل الآن إلى بريد إلكتروني آخر: {email}.",
  changedUsername: "اسم المستخدم الجديد: {username}.",
  changedPassword: "وضع مكتب المدرسة كلمة مرور جديدة.",
  mergedSubject: "لديك الآن حساب واحد في Parent Portal في {school}",
  merged:
    "دمج مكتب المدرسة بتاريخ {at} حسابيك في Parent Portal في {school}. أُغلق الحساب الذي اسم المستخدم فيه {username}.",
  mergedKept: "من الآن يكون الدخول بحسابك الآخر {kept} وبكلمة مروره. وهو يعرض التلاميذ من الحسابين.",
  mergedHelp: "إذا لم يكن هذا متوقعًا أو لم يكن لديك الحساب الآخر، {turn}.",
  languageSaved: "من الآن نكتب إليك بالعربية.",
};
