import type { Category } from './vocabulary.ts';

const weights = '500g 1kg*1.9 2kg*3.6';
const teaTins = '50g试饮装 125g罐装*2.3 250g礼盒装*4.5';
const snackBags = '100g 250g*2.3 500g家庭装*4.2';

const fruit: Category = {
  slug: 'fruit',
  name: '水果生鲜',
  colours: ['#ffb26b', '#f4633a'],
  kinds: [
    {
      styles: '产地直发 当季现摘 果园精选 自然成熟 冷链速运',
      nouns:
        '烟台红富士苹果 阿克苏冰糖心苹果 赣南脐橙 丹东草莓 攀枝花凯特芒果 库尔勒香梨 武鸣沃柑 阳光玫瑰葡萄 蒙自石榴 大荔冬枣',
      subtitles: '坏果包赔，次日达 皮薄多汁，一口爆甜 现摘现发，不打蜡',
      yuan: [19, 69],
      specs: { 规格: '2.5斤装 5斤装*1.85 9斤装*3.1' },
    },
    {
      styles: '进口 空运直达 冷链到家 大果精选',
      nouns: '车厘子 奇异果 蓝莓 红心火龙果 牛油果',
      subtitles: '果径均匀，颗颗饱满 全程冷链，新鲜到家',
      yuan: [39, 129],
      specs: { 规格: '1斤装 2斤装*1.9 4斤礼盒*3.7' },
    },
    {
      styles: '农家散养 谷物喂养 清晨现捡',
      nouns: '土鸡蛋 乌鸡蛋 海鸭蛋 鹌鹑蛋',
      subtitles: '蛋黄紧实，破损包赔 林间散养，当日发货',
      yuan: [19, 49],
      specs: { 规格: '20枚 30枚*1.45 60枚*2.8' },
    },
    {
      styles: '船冻锁鲜 海捕现冻 独立包装',
      nouns: '深海鳕鱼块 厄瓜多尔白虾 舟山带鱼段 三文鱼排',
      subtitles: '船上急冻，锁住鲜味 去头去尾，下锅即烹',
      yuan: [45, 159],
      specs: { 规格: weights },
    },
    {
      styles: '原切 谷饲 草原散养',
      nouns: '牛腱子 羊排 牛腩块 肥牛卷 羊蝎子',
      subtitles: '肉质紧实，不注水 真空锁鲜，冷链直达',
      yuan: [39, 119],
      specs: { 规格: weights },
    },
  ],
};

const tea: Category = {
  slug: 'tea',
  name: '茶饮冲调',
  colours: ['#9ad7a0', '#2f8f5b'],
  kinds: [
    {
      styles: '明前特级 高山云雾 头采嫩芽 手工炒制 新茶上市',
      nouns: '西湖龙井 洞庭碧螺春 黄山毛峰 信阳毛尖 安吉白茶 六安瓜片 太平猴魁',
      subtitles: '豆香清雅，回甘持久 一芽一叶，锁鲜罐装',
      yuan: [39, 139],
      specs: { 规格: teaTins },
    },
    {
      styles: '陈年 特级 核心产区 茶农直供',
      nouns: '勐海普洱熟茶 武夷岩茶大红袍 安溪铁观音 正山小种红茶 福鼎老白茶 凤凰单丛',
      subtitles: '汤色红亮，醇厚顺滑 耐泡十余道，齿颊留香',
      yuan: [49, 169],
      specs: { 规格: teaTins },
    },
    {
      styles: '冷萃 无蔗糖 醇香 中度烘焙',
      nouns: '拿铁咖啡粉 黑咖啡 挂耳咖啡 燕麦奶咖',
      subtitles: '三秒速溶，冷热皆宜 阿拉比卡豆，微酸平衡',
      yuan: [25, 59],
      specs: { 规格: '10条 30条*2.6', 口味: '原味 榛果*1.05' },
    },
    {
      styles: '便携独立装 办公室常备 暖心 精选原料',
      nouns: '玫瑰红枣茶 菊花决明子茶 蜂蜜柚子茶 蜜桃乌龙茶 桂圆枸杞茶',
      subtitles: '真材实料，看得见的花果 一杯一包，随身带走',
      yuan: [19, 45],
      specs: { 规格: '12包 30包*2.2' },
    },
  ],
};

const snack: Category = {
  slug: 'snack',
  name: '休闲零食',
  colours: ['#ffd56b', '#e08a1e'],
  kinds: [
    {
      styles: '每日 轻烘焙 原香 奶香 盐焗',
      nouns: '混合坚果 夏威夷果 碧根果仁 腰果 巴旦木 开心果',
      subtitles: '新货现烤，颗颗酥脆 独立小包，不受潮',
      yuan: [19, 59],
      specs: { 规格: snackBags },
    },
    {
      styles: '川香 蜜汁 五香 炭烤 沙嗲',
      nouns: '牛肉干 猪肉脯 鸭脖 凤爪 豆腐干 鱿鱼丝',
      subtitles: '追剧解馋，越嚼越香 真材实料，开袋即食',
      yuan: [15, 49],
      specs: { 规格: snackBags, 辣度: '不辣 微辣' },
    },
    {
      styles: '手工 老式 低糖 现烤',
      nouns: '凤梨酥 绿豆糕 桃酥 蛋黄酥 雪花酥 鲜花饼',
      subtitles: '传统手艺，入口即化 下午茶好搭子',
      yuan: [16, 45],
      specs: { 规格: '6枚 12枚*1.85', 口味: '原味 抹茶*1.05 芝士*1.1' },
    },
    {
      styles: '冻干 原味 无添加',
      nouns: '草莓脆 榴莲干 黄桃干 蓝莓干 无花果干',
      subtitles: '大块果肉看得见 低温慢脱水，保留果香',
      yuan: [12, 39],
      specs: { 规格: '30g 60g*1.8 150g*4' },
    },
  ],
};

const grain: Category = {
  slug: 'grain',
  name: '粮油调味',
  colours: ['#f3d9a4', '#b9854a'],
  kinds: [
    {
      styles: '当季新米 黑土地 真空锁鲜 生态种植',
      nouns: '五常大米 盘锦蟹田米 响水石板米 稻花香米 小町米',
      subtitles: '现碾现发，饭粒油亮 煮饭满屋香',
      yuan: [29, 79],
      specs: { 规格: '2.5kg 5kg*1.9 10kg*3.6' },
    },
    {
      styles: '物理压榨 一级 非转基因 家用桶装',
      nouns: '菜籽油 花生油 玉米胚芽油 山茶油 葵花籽油',
      subtitles: '油烟少，炒菜香 原料可溯源',
      yuan: [39, 109],
      specs: { 规格: '1.8L 5L*2.5' },
    },
    {
      styles: '零添加 家用 经典',
      nouns: '生抽酱油 山西陈醋 蚝油 料酒 豆瓣酱 香菇酱',
      subtitles: '一百八十天自然发酵 一勺提鲜',
      yuan: [12, 32],
      specs: { 规格: '500ml 1L*1.8' },
    },
    {
      styles: '农家自种 东北 新货',
      nouns: '黄小米 红豆 绿豆 黑米 燕麦片 薏米仁 黑木耳',
      subtitles: '粒粒精选，无陈货 熬粥软糯',
      yuan: [12, 36],
      specs: { 规格: weights },
    },
  ],
};

export const food: readonly Category[] = [fruit, tea, snack, grain];
